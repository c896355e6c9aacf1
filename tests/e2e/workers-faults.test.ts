// Workers that die, hang, or are interrupted: exactly the test that ran has failed, and everything else has its outcome.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Prewarm, type RunOptions } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { PUPPET_MODULE, PuppetMaster } from "../rig/puppet.ts";

const BARE = { env: { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" } };
const TWO: RunOptions = { ...BARE, flags: ["-n", "2"] };

const PUPPETS = `import puppet
import pytest


@pytest.fixture(autouse=True)
def cleaned():
    yield
    with open("log", "a") as log:
        log.write("down\\n")


def test_one():
    puppet.play("one")


def test_two():
    puppet.play("two")
`;

test.for([
  ["os._exit(3)", "left with exit code 3"],
  ["os._exit(0)", "left with exit code 0"],
  ["os.abort()", "was ended by SIGABRT"],
  ["ctypes.string_at(0)", "was ended by SIGSEGV"],
  ["os.kill(os.getpid(), signal.SIGKILL)", "was ended by SIGKILL"],
] as const)("a worker that dies fails the test that it ran, and no other: %s", async ([statement, how]) => {
  const tests = `import ctypes, os, signal
import pytest


@pytest.mark.parametrize("number", range(40))
def test_number(number):
    if number == 11:
        ${statement}
`;
  using project = new Project({ "test_it.py": tests });
  await using prewarm = new Prewarm(project);
  for (const way of ["cold", "warm"]) {
    const run = await prewarm.run([], TWO);
    expect(run.exit, way).toBe(1);
    const outcomes = run.outcomes ?? {};
    expect(Object.keys(outcomes).length, way).toBe(40);
    expect(
      Object.keys(outcomes).filter((id) => outcomes[id] !== "passed"),
      way,
    ).toEqual(["test_it.py::test_number[11]"]);
    expect(run.stdout, way).toMatch(new RegExp(`worker gw[01] ${how} while it ran this test`));
    expect(run.stdout, way).toContain("1 failed, 39 passed");
  }
});

test("when worker after worker dies, the run ends and is not green", async () => {
  const tests =
    "import os\nimport pytest\n\n\n@pytest.mark.parametrize('number', range(60))\ndef test_number(number):\n    os._exit(0)\n";
  using project = new Project({ "test_it.py": tests });
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run([], TWO);
  expect(run.exit).toBe(2);
  expect(run.stdout).toMatch(/\b9 workers were lost: no more are started/);
  const failed = Object.values(run.outcomes ?? {});
  expect(failed.length).toBeGreaterThanOrEqual(9);
  expect(failed.length).toBeLessThan(60);
  expect(new Set(failed)).toEqual(new Set(["failed"]));
});

test.for([
  ["raise KeyboardInterrupt", 2, "KeyboardInterrupt"],
  ["pytest.exit('enough', returncode=9)", 9, "enough"],
  ["os.kill(os.getppid(), signal.SIGKILL)", 137, "SIGKILL"],
] as const)("what ends the session ends it with all workers: %s", async ([statement, exit, word]) => {
  const tests = `import os, signal, time
import pytest


@pytest.mark.parametrize("number", range(40))
def test_number(number):
    if number == 11:
        ${statement}
        time.sleep(60)
`;
  using project = new Project({ "test_it.py": tests });
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run([], TWO);
  expect(run.exit).toBe(exit);
  expect(run.stdout + run.stderr).toContain(word);
  expect(Object.keys(run.outcomes ?? {}).length).toBeLessThan(40);
});

test("ctrl-c tears down in every worker, reports, and leaves nothing behind", async () => {
  using project = new Project({ "puppet.py": PUPPET_MODULE, "test_it.py": PUPPETS });
  await using prewarm = new Prewarm(project);
  await using master = await PuppetMaster.listen(prewarm);
  const run = prewarm.start([], TWO);
  const puppets = [await master.next(), await master.next()];
  for (const puppet of puppets) await puppet.occupy("hang");
  run.command.signal("SIGINT");
  const { exit, stdout } = await run.finished;
  expect(exit).toBe(2);
  expect(stdout).toContain("KeyboardInterrupt");
  expect(readFileSync(project.at("log"), "utf8")).toBe("down\ndown\n");
  for (const puppet of puppets) await puppet.gone;
});

test("ctrl-c twice ends all workers at once", async () => {
  using project = new Project({ "puppet.py": PUPPET_MODULE, "test_it.py": PUPPETS });
  await using prewarm = new Prewarm(project);
  await using master = await PuppetMaster.listen(prewarm);
  const run = prewarm.start([], TWO);
  const puppets = [await master.next(), await master.next()];
  const heard = puppets.map((puppet) => puppet.heard());
  for (const puppet of puppets) {
    // Deaf to ctrl-c, as C code is that does not return.
    puppet.say("signal.signal(signal.SIGINT, lambda *_: _strings[0].sendall(b'!')); play('deaf')");
  }
  const deaf = [await master.next(), await master.next()];
  run.command.signal("SIGINT");
  await Promise.all(heard);
  run.command.signal("SIGINT");
  expect((await run.finished).exit).toBe(130);
  for (const puppet of deaf) await puppet.gone;
});

test("a worker that is killed from outside fails its test, and its place is taken", async () => {
  using project = new Project({ "puppet.py": PUPPET_MODULE, "test_it.py": PUPPETS });
  await using prewarm = new Prewarm(project);
  await using master = await PuppetMaster.listen(prewarm);
  const run = prewarm.start([], TWO);
  const puppets = [await master.next(), await master.next()];
  const victim = puppets.find(({ name }) => name === "one");
  process.kill(victim?.pid ?? 0, "SIGKILL");
  await victim?.gone;
  puppets.find(({ name }) => name === "two")?.say("pass");
  const { exit, outcomes, stdout } = await run.finished;
  expect(exit).toBe(1);
  expect(outcomes).toEqual({ "test_it.py::test_one": "failed", "test_it.py::test_two": "passed" });
  expect(stdout).toContain("was ended by SIGKILL while it ran this test");
});

test("a worker ends with its leader", async () => {
  using project = new Project({ "puppet.py": PUPPET_MODULE, "test_it.py": PUPPETS });
  await using prewarm = new Prewarm(project);
  await using master = await PuppetMaster.listen(prewarm);
  const run = prewarm.start([], TWO);
  const puppets = [await master.next(), await master.next()];
  for (const puppet of puppets) await puppet.occupy("spin");
  run.command.signal("SIGKILL");
  for (const puppet of puppets) await puppet.gone;
});

test.for([[["-n", "2"]], [[]]] as const)(
  "a test that takes too long has failed, with its stack: %s",
  async ([flags]) => {
    const tests = `import time


def test_one():
    pass


def waits_for_ever():
    time.sleep(3600)


def test_two():
    waits_for_ever()


def test_three():
    pass
`;
    using project = new Project({ "test_it.py": tests });
    await using prewarm = new Prewarm(project);
    const run = await prewarm.run([], { ...BARE, flags: [...flags, "--timeout-per-test", "0.5"] });
    expect(run.exit).toBe(1);
    expect(run.outcomes).toEqual({
      "test_it.py::test_one": "passed",
      "test_it.py::test_two": "failed",
      "test_it.py::test_three": "passed",
    });
    expect(run.stdout).toContain("was ended because the test took longer than 0.5 s");
    expect(run.stdout + run.stderr).toContain("in waits_for_ever");
  },
);
