// `--repeat`: each run is a fork with an end of its own, and what ends one of them is told as for any run.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { interpreter } from "../rig/interpreter.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const FLAGS = ["run", "--python", interpreter];

/** Each session says which process began and ended it, and each test in which it ran. */
const NOTES = {
  "conftest.py": `
import atexit
import os
import pathlib

import pytest

NOTES = pathlib.Path(__file__).with_name("notes.bin")


def note(what):
    with NOTES.open("a") as file:
        file.write(f"{what} {os.getpid()}\\n")


@pytest.fixture(scope="session", autouse=True)
def session():
    atexit.register(note, "exit")
    yield
    note("torn down")


def pytest_sessionfinish():
    note("finished")
`,
  "test_a.py": "seen = []\n\n\ndef test_a():\n    print('said')\n    seen.append(1)\n    assert seen == [1]\n",
};

test("each is a process of its own, from the first test to the end of the session", async () => {
  using project = new Project(NOTES);
  await using prewarm = new Prewarm(project);
  const { exit, stdout } = await prewarm.command([...FLAGS, "--repeat", "4", "--", "pytest"]).finished;
  expect([exit, stdout]).toEqual([0, expect.stringMatching(/^✓ 4 runs in .*: all passed/)]);
  const lines = readFileSync(project.at("notes.bin"), "utf8").trimEnd().split("\n");
  const byProcess = Map.groupBy(lines, (line) => line.split(" ").at(-1));
  const told = [...byProcess.values()].map((own) => own.map((line) => line.replace(/ \d+$/, "")));
  expect(told).toEqual(Array.from({ length: 4 }, () => ["torn down", "finished", "exit"]));
});

test("several at a time are as many runs, and the history has each", async () => {
  using project = new Project({
    "test_a.py": "import os\n\n\ndef test_a():\n    assert os.path.exists('mark.bin')\n",
    "mark.bin": "",
  });
  await using prewarm = new Prewarm(project);
  const words = [...FLAGS, "-n", "2", "--repeat", "6", "--", "pytest"];
  const all = await prewarm.command(words).finished;
  expect([all.exit, all.stdout]).toEqual([0, expect.stringMatching(/^✓ 6 runs in /)]);
  project.remove("mark.bin");
  const none = await prewarm.command(words).finished;
  expect([none.exit, none.stdout]).toEqual([1, expect.stringMatching(/^✗ 6 runs in .*: 0 passed, 6 failed/m)]);
  expect(none.stdout).toContain("✗ test_a.py::test_a   failed 6 of 6 (fails 100 %, first in run 1)");
  const { stdout } = await prewarm.command(["flaky"]).finished;
  expect(stdout).toMatch(/fails 50 %: 6 of 12 runs/);
});

test("--until-fail ends with the first failure, and a crash is told with its signal", async () => {
  using project = new Project({
    "test_a.py":
      "import os\n\n\ndef test_a():\n    with open('count.bin', 'a') as file:\n        file.write('x')\n    assert os.path.getsize('count.bin') != 3\n",
    "test_b.py": "import os, signal\n\n\ndef test_b():\n    os.kill(os.getpid(), signal.SIGSEGV)\n",
  });
  await using prewarm = new Prewarm(project);
  const third = await prewarm.command([...FLAGS, "--until-fail", "--", "pytest", "test_a.py"]).finished;
  expect(third.exit).toBe(1);
  expect(third.stdout).toMatch(/^✗ 3 runs in .*: 2 passed, 1 failed/m);
  expect(readFileSync(project.at("count.bin"), "utf8")).toBe("xxx");
  const crash = await prewarm.command([...FLAGS, "--repeat", "3", "--", "pytest", "test_b.py"]).finished;
  expect([crash.exit, crash.stderr]).toEqual([139, expect.stringMatching(/worker-died.*SIGSEGV.*test_b\.py::test_b/s)]);
});

test("what repeats take is no time of a cold run, and nothing that was saved", async () => {
  using project = new Project({ "test_a.py": "def test_a(): pass\n" });
  await using prewarm = new Prewarm(project);
  const words = [...FLAGS, "--repeat", "3", "--", "pytest"];
  const saved = async () => (await prewarm.command(["report"]).finished).stdout.trimEnd().split("\n").at(-1);
  // The first of them starts the suite, and takes three runs: not what one cold run takes.
  await prewarm.command(words).finished;
  await prewarm.command(words).finished;
  expect(await saved()).toMatch(/^nothing yet: /);
  await prewarm.command(["restart"]).finished;
  await prewarm.run();
  await prewarm.command(words).finished;
  expect(await saved()).toMatch(/^nothing yet: /);
  await prewarm.run();
  expect(await saved()).toMatch(/^1 run took /);
});
