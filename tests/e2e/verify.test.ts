// `prewarm verify` looks again with a cold plain pytest, and says what is not the same.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { interpreter } from "../rig/interpreter.ts";
import { PluginShop } from "../rig/plugin-shop.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { Watch } from "../rig/watch.ts";

const OUTCOMES = {
  "conftest.py": "import pytest\n\n\n@pytest.fixture\ndef broken():\n    raise OSError\n",
  "test_outcomes.py": `
import os
import sys

import pytest


def test_passes():
    pass


def test_fails():
    assert 0


def test_error(broken):
    pass


@pytest.mark.skip
def test_skipped():
    pass


@pytest.mark.xfail
def test_xfailed():
    assert 0


@pytest.mark.xfail
def test_xpassed():
    pass


def test_surroundings():
    assert os.environ["SEEN"] == "yes" and sys.argv[1:] == ["-p", "no:cacheprovider"]
    assert not [name for name in os.environ if name.startswith("PYTEST_P") or name == "PREWARM_VERIFY"]
    assert not [entry for entry in sys.path if entry.endswith("verify")]
`,
};

function verify(prewarm: Prewarm, ...words: readonly string[]) {
  return prewarm.command(["verify", ...words]).finished;
}

test("the last run, with its arguments and environment, is what a cold run says; a broken file, too", async () => {
  using project = new Project(OUTCOMES);
  await using prewarm = new Prewarm(project);
  const args = ["-p", "no:cacheprovider"];
  const { exit, outcomes } = await prewarm.run(args, { env: { SEEN: "yes" } });
  expect([exit, Object.keys(outcomes ?? {}).length]).toEqual([1, 7]);
  expect(outcomes?.["test_outcomes.py::test_surroundings"]).toBe("passed");
  const same = await verify(prewarm);
  expect([same.exit, same.stdout, same.stderr]).toEqual([
    0,
    expect.stringMatching(/^equal: 7 outcomes as in a cold run · cold .*, prewarm cold .*\n$/),
    "",
  ]);
  project.write("test_broken.py", "1 / 0\n");
  await prewarm.run(args, { env: { SEEN: "yes" } });
  const broken = await verify(prewarm, "--json");
  expect([broken.stderr, JSON.parse(broken.stdout || "null")]).toEqual([
    "",
    { equal: true, compared: 1, differences: [], exits: { prewarm: 2, cold: 2 }, evidence: null },
  ]);
});

test("a run that was served by a patch can be compared until its module is edited again", async () => {
  using project = new Project({
    "app.py": "def value():\n    return 1\n",
    "test_app.py": "import app\n\n\ndef test_app():\n    assert app.value()\n",
  });
  await using prewarm = new Prewarm(project);
  await prewarm.run();
  project.write("app.py", "def value():\n    return 0\n");
  expect((await prewarm.run()).exit).toBe(1);
  expect((await prewarm.status()).lastRecord?.way).toBe("patched");
  const same = await verify(prewarm, "--json");
  expect([same.exit, JSON.parse(same.stdout || "null")]).toMatchObject([0, { equal: true, compared: 1 }]);
  project.write("app.py", "def value():\n    return 23\n");
  const changed = await verify(prewarm);
  expect([changed.exit, changed.stderr]).toEqual([75, expect.stringContaining("Since the last run, app.py modified")]);
});

const ALTERNATES = `
import os

MARK = os.path.join(os.path.dirname(__file__), "mark.bin")


def test_steady():
    pass


def test_alternates():
    if os.path.exists(MARK):
        os.remove(MARK)
        assert 0
    with open(MARK, "w") as file:
        file.write("there")
`;

test("a test that finds what an earlier run has left is a difference, and both sides are kept", async () => {
  using project = new Project({ "test_alternates.py": ALTERNATES });
  await using prewarm = new Prewarm(project);
  const folder = project.at("kept");
  project.write("kept/.keep", "");
  const command = prewarm.command(["verify", "--python", interpreter, "--", "pytest", "-q"], {
    env: { TMPDIR: folder },
  });
  const { exit, stdout } = await command.finished;
  const [first = "", ...lines] = stdout.trimEnd().split("\n");
  expect(first).toMatch(/^different: 1 of 2 outcomes · /);
  expect(lines.slice(0, 2)).toEqual([
    "  test_alternates.py::test_alternates  prewarm passed, cold failed",
    "  exit code                            prewarm 0, cold 1",
  ]);
  expect(exit).toBe(1);
  const kept = /^kept: (.*)$/m.exec(stdout)?.[1] ?? "";
  expect(readFileSync(join(kept, "cold-stdout.txt"), "utf8")).toContain("1 failed, 1 passed");
  expect(readFileSync(join(kept, "prewarm-stdout.txt"), "utf8")).toContain("2 passed");
  expect(existsSync(join(kept, "outcomes.json"))).toBe(true);
  // The folder of an equal comparison goes.
  await prewarm.command(["verify", "--python", interpreter, "--", "pytest", "-k", "steady"], {
    env: { TMPDIR: folder },
  }).finished;
  expect(readdirSync(folder).filter((name) => name.startsWith("prewarm-verify-"))).toHaveLength(1);
});

test("a watch stands by the outcomes of tests that it has not run again, too", async () => {
  using project = new Project({
    "app.py": "VALUE = 1\n",
    "test_app.py": "import app\n\n\ndef test_app():\n    assert app.VALUE\n",
    "test_other.py": "def test_other():\n    assert 0\n",
  });
  await using prewarm = new Prewarm(project);
  const watch = new Watch(prewarm);
  await watch.run();
  project.write("app.py", "VALUE = 0\n");
  expect(await watch.run()).toEqual({ "test_app.py::test_app": "failed" });
  const { exit, stdout } = await verify(prewarm, "--json");
  expect([exit, JSON.parse(stdout)]).toMatchObject([0, { equal: true, compared: 2 }]);
  watch.end();
});

test("where there is nothing to compare, it says why and gives a code of its own", async () => {
  using project = new Project({ "test_a.py": "def test_a():\n    pass\n" });
  await using prewarm = new Prewarm(project);
  const nothing = await verify(prewarm);
  expect([nothing.exit, nothing.stderr]).toEqual([75, expect.stringContaining("No run is remembered.")]);
  await prewarm.run();
  project.write("test_a.py", "def test_a():\n    assert 0\n");
  const changed = await verify(prewarm);
  expect([changed.exit, changed.stderr]).toEqual([
    75,
    expect.stringContaining("Since the last run, test_a.py modified"),
  ]);
});

test("the cold side is a process of its own, also where pytest itself would be served by the daemon", async () => {
  await using shop = new PluginShop({ "test_one.py": "def test_one():\n    pass\n" });
  await shop.pytest(["-k", "one"], { env: { PREWARM: "1" } });
  const { lastRecord } = await shop.prewarm.status();
  expect(lastRecord).toMatchObject({ exit: 0, tests: 1 });
  const { exit, stdout } = await verify(shop.prewarm);
  expect([exit, stdout]).toEqual([0, expect.stringMatching(/^equal: 1 outcome as in a cold run · /)]);
  // No run of the daemon's came after it.
  expect((await shop.prewarm.status()).lastRecord).toEqual(lastRecord);
});
