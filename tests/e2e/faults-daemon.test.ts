// The daemon dies, is started twice, is replaced, or has nothing to do.
import { expect, test } from "vitest";
import { VERSION } from "../../src/base/version.ts";
import { OtherVersion } from "../rig/other-version.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { untilGone } from "../rig/processes.ts";
import { Project } from "../rig/project.ts";
import { PUPPET_MODULE, PuppetMaster } from "../rig/puppet.ts";
import { WireClient } from "../rig/wire-client.ts";

const PUPPETS = {
  "puppet.py": PUPPET_MODULE,
  "test_puppet.py": "import puppet\n\n\ndef test_puppet():\n    puppet.play('test')\n",
};
const PASSED = { "test_puppet.py::test_puppet": "passed" };

test.for(["spin", "hang"] as const)("the daemon is killed while a test runs: %s", async (word) => {
  using project = new Project(PUPPETS);
  await using prewarm = new Prewarm(project);
  await using puppets = await PuppetMaster.listen(prewarm);
  const run = prewarm.start();
  const puppet = await puppets.next();
  await puppet.occupy(word);
  process.kill((await prewarm.status()).pid, "SIGKILL");
  const { exit, stderr, outcomes } = await run.finished;
  expect(exit).toBe(70);
  expect(stderr).toContain("error[daemon-left]");
  expect(outcomes).toBeUndefined();
  await puppet.gone;
  await prewarm.untilNothingIsLeft();

  const next = prewarm.start();
  (await puppets.next()).say("pass");
  expect(await next.finished).toMatchObject({ exit: 0, outcomes: PASSED });
});

test("the daemon is killed while a module is imported", async () => {
  using project = new Project({ ...PUPPETS, "test_puppet.py": "import puppet\n\npuppet.play('import')\n" });
  await using prewarm = new Prewarm(project);
  await using puppets = await PuppetMaster.listen(prewarm);
  const run = prewarm.start();
  await (await puppets.next()).occupy("spin");
  process.kill((await prewarm.status()).pid, "SIGKILL");
  expect(await run.finished).toMatchObject({ exit: 70, outcomes: undefined });
  await prewarm.untilNothingIsLeft();
});

test("the daemon is killed while nothing runs", async () => {
  using project = new Project({ "test_a.py": "def test_a():\n    pass\n" });
  await using prewarm = new Prewarm(project);
  await prewarm.run();
  process.kill((await prewarm.status()).pid, "SIGKILL");
  await prewarm.untilNothingIsLeft();
  project.write("test_a.py", "def test_a():\n    assert False\n");
  expect(await prewarm.run()).toMatchObject({ exit: 1, outcomes: { "test_a.py::test_a": "failed" } });
});

test("an idle daemon leaves by itself, and takes everything with it", async () => {
  using project = new Project(PUPPETS);
  await using prewarm = new Prewarm(project);
  await using puppets = await PuppetMaster.listen(prewarm);
  const run = prewarm.start([], { flags: ["--ttl", "1"] });
  const puppet = await puppets.next();
  using client = await WireClient.connect(`${prewarm.daemonFolder}/daemon.sock`);
  puppet.say("pass");
  expect(await run.finished).toMatchObject({ exit: 0, outcomes: PASSED });
  await client.closed;
  await prewarm.untilNothingIsLeft();
});

test("three clients that find no daemon start one", async () => {
  using project = new Project(PUPPETS);
  await using prewarm = new Prewarm(project);
  await using puppets = await PuppetMaster.listen(prewarm);
  const runs = [prewarm.start(), prewarm.start(), prewarm.start()];
  for (const _ of runs) (await puppets.next()).say("pass");
  for (const run of runs) expect(await run.finished).toMatchObject({ exit: 0, outcomes: PASSED });
  const { pid } = await prewarm.status();
  const isDaemon = (word: string) => word.endsWith("/daemon.js");
  // A fork of the daemon looks like another one until it has become a Python.
  await untilGone(() => prewarm.processes().filter((each) => each.pid !== pid && each.words.some(isDaemon)));
});

test("the daemon outlives the session of the client that started it", async () => {
  using project = new Project(PUPPETS);
  await using prewarm = new Prewarm(project);
  await using puppets = await PuppetMaster.listen(prewarm);
  const run = prewarm.start([], { isDetached: true });
  await puppets.next();
  const { pid } = await prewarm.status();
  process.kill(-run.command.pid, "SIGHUP");
  expect((await run.finished).signal).toBe("SIGHUP");
  expect((await prewarm.status()).pid).toBe(pid);
  const next = prewarm.start();
  (await puppets.next()).say("pass");
  expect(await next.finished).toMatchObject({ exit: 0, outcomes: PASSED });
});

test("a newer prewarm replaces an older daemon, and an older one refuses to replace a newer", async () => {
  using project = new Project(PUPPETS);
  await using prewarm = new Prewarm(project);
  await using puppets = await PuppetMaster.listen(prewarm);
  using older = new OtherVersion("0.0.9");
  const first = prewarm.start([], { program: older.program });
  (await puppets.next()).say("pass");
  expect(await first.finished).toMatchObject({ exit: 0, outcomes: PASSED });
  expect((await prewarm.command(["status"]).finished).stdout).toContain("is prewarm 0.0.9");
  using oldDaemon = await WireClient.connect(`${prewarm.daemonFolder}/daemon.sock`);

  const second = prewarm.start();
  await oldDaemon.closed;
  (await puppets.next()).say("pass");
  expect(await second.finished).toMatchObject({ exit: 0, outcomes: PASSED });
  expect((await prewarm.status()).version).toBe(VERSION);

  const { exit, stderr } = await prewarm.start([], { program: older.program }).finished;
  expect(exit).toBe(69);
  expect(stderr).toMatch(/^prewarm: error\[daemon-newer\] /);
  expect((await prewarm.status()).version).toBe(VERSION);
});
