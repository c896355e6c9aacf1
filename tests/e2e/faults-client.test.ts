// The client goes away, or its person presses ctrl-c.
import { expect, test } from "vitest";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { PUPPET_MODULE, PuppetMaster } from "../rig/puppet.ts";

const PUPPETS = {
  "puppet.py": PUPPET_MODULE,
  "test_puppet.py": "import puppet\n\n\ndef test_puppet():\n    puppet.play('test')\n",
};
const SLOW_IMPORT = {
  ...PUPPETS,
  "test_puppet.py": "import puppet\n\npuppet.play('import')\n\n\ndef test_it():\n    pass\n",
};
const MENDED = "def test_it():\n    pass\n";
const GREEN = { exit: 0, outcomes: { "test_puppet.py::test_it": "passed" } };

test.for(["SIGKILL", "SIGTERM", "SIGHUP"] as const)("the client ends by %s while a test runs", async (signal) => {
  using project = new Project(PUPPETS);
  await using prewarm = new Prewarm(project);
  await using puppets = await PuppetMaster.listen(prewarm);
  const run = prewarm.start();
  const puppet = await puppets.next();
  const daemon = (await prewarm.status()).pid;
  await puppet.occupy("spin");
  run.command.signal(signal);
  expect(await run.finished).toMatchObject({ signal, outcomes: undefined });
  await puppet.gone;
  const next = prewarm.start();
  (await puppets.next()).say("pass");
  expect(await next.finished).toMatchObject({ exit: 0 });
  expect((await prewarm.status()).pid).toBe(daemon);
});

test("the client ends while a module is imported", async () => {
  using project = new Project(SLOW_IMPORT);
  await using prewarm = new Prewarm(project);
  await using puppets = await PuppetMaster.listen(prewarm);
  const run = prewarm.start();
  const puppet = await puppets.next();
  await puppet.occupy("spin");
  run.command.signal("SIGKILL");
  await puppet.gone;
  project.write("test_puppet.py", MENDED);
  expect(await prewarm.run()).toMatchObject(GREEN);
});

test("ctrl-c lets pytest end and report", async () => {
  using project = new Project(PUPPETS);
  await using prewarm = new Prewarm(project);
  await using puppets = await PuppetMaster.listen(prewarm);
  for (const word of ["spin", "hang"] as const) {
    const run = prewarm.start();
    const puppet = await puppets.next();
    await puppet.occupy(word);
    run.command.signal("SIGINT");
    const { exit, stdout } = await run.finished;
    expect(exit).toBe(2);
    expect(stdout).toContain("!!! KeyboardInterrupt !!!");
    expect(stdout).toMatch(/puppet\.py:\d+: KeyboardInterrupt/);
    expect(stdout).toContain("no tests ran in");
    await puppet.gone;
  }
  const next = prewarm.start();
  (await puppets.next()).say("pass");
  expect(await next.finished).toMatchObject({ exit: 0 });
});

test("ctrl-c twice ends the command at once", async () => {
  using project = new Project(PUPPETS);
  await using prewarm = new Prewarm(project);
  await using puppets = await PuppetMaster.listen(prewarm);
  const run = prewarm.start();
  const puppet = await puppets.next();
  const heard = puppet.heard();
  // Deaf to ctrl-c, as C code is that does not return.
  puppet.say("signal.signal(signal.SIGINT, lambda *_: _strings[0].sendall(b'!')); play('deaf')");
  const deaf = await puppets.next();
  run.command.signal("SIGINT");
  await heard;
  run.command.signal("SIGINT");
  expect((await run.finished).exit).toBe(130);
  await deaf.gone;
});

test("ctrl-c while a module is imported ends the run", async () => {
  using project = new Project(SLOW_IMPORT);
  await using prewarm = new Prewarm(project);
  await using puppets = await PuppetMaster.listen(prewarm);
  const run = prewarm.start();
  const puppet = await puppets.next();
  await puppet.occupy("spin");
  run.command.signal("SIGINT");
  const { exit, stderr } = await run.finished;
  expect(exit).toBe(2);
  expect(stderr).toContain("error[interrupted]");
  await puppet.gone;
  project.write("test_puppet.py", MENDED);
  expect(await prewarm.run()).toMatchObject(GREEN);
});
