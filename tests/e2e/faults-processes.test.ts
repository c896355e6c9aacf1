// Parked processes and leaders die.
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { interpreter } from "../rig/interpreter.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { untilGone } from "../rig/processes.ts";
import { Project } from "../rig/project.ts";
import { PUPPET_MODULE, PuppetMaster } from "../rig/puppet.ts";
import { WireClient } from "../rig/wire-client.ts";

const SHOP = {
  "conftest.py": "import pytest\n\n\n@pytest.fixture\ndef rate():\n    return 2\n",
  "shop.py": "def price():\n    return 3\n",
  "test_shop.py": "import shop\n\n\ndef test_price(rate):\n    assert shop.price() * rate == 6\n",
};
const PUPPETS = {
  "puppet.py": PUPPET_MODULE,
  "test_puppet.py":
    "import puppet\n\n\ndef test_before():\n    pass\n\n\ndef test_puppet():\n    puppet.play('test')\n\n\ndef test_after():\n    pass\n",
};
const shop = (price: number) => `def price():\n    return ${price}\n`;

test("each parked process is killed, and the next call has the right verdict", async () => {
  using project = new Project(SHOP);
  await using prewarm = new Prewarm(project);
  await prewarm.run();
  const count = parkedPids(await prewarm.status()).length;
  expect(count).toBeGreaterThan(2);
  for (let place = 0; place < count; place += 1) {
    const pid = parkedPids(await prewarm.status())[place];
    if (pid !== undefined) process.kill(pid, "SIGKILL");
    const isRight = place % 2 === 1;
    project.write("shop.py", shop(isRight ? 3 : 4));
    const outcome = isRight ? "passed" : "failed";
    expect(await prewarm.run()).toMatchObject({
      exit: isRight ? 0 : 1,
      outcomes: { "test_shop.py::test_price": outcome },
    });
  }
});

test("all Python processes are killed at once, and the next call has the right verdict", async () => {
  using project = new Project(SHOP);
  await using prewarm = new Prewarm(project);
  await prewarm.run();
  const daemon = (await prewarm.status()).pid;
  const others = prewarm.processes().filter(({ pid }) => pid !== daemon);
  for (const { pid } of others) process.kill(pid, "SIGKILL");
  await untilGone(() => prewarm.processes().filter(({ pid }) => others.some((other) => other.pid === pid)));
  expect(await prewarm.run()).toMatchObject({ exit: 0, outcomes: { "test_shop.py::test_price": "passed" } });
  expect((await prewarm.status()).pid).toBe(daemon);
});

test("a checkpoint is killed with an order in its hands, and the run starts elsewhere", async () => {
  using project = new Project(SHOP);
  await using prewarm = new Prewarm(project);
  await prewarm.run();
  const parked = parkedPids(await prewarm.status());
  // What is stopped receives the order and does nothing with it.
  for (const pid of parked) process.kill(pid, "SIGSTOP");
  project.write("shop.py", shop(4));
  using client = await WireClient.connect(`${prewarm.daemonFolder}/daemon.sock`);
  await orderRun(client, prewarm, project);
  for (const pid of parked) process.kill(pid, "SIGKILL");
  const { record, problem } = await client.answer("finished");
  expect(record).toMatchObject({ exit: 1, tests: 1, unfinished: 0 });
  expect(problem).toBeNull();
});

test("a tip is killed with an order in its hands, and the run starts elsewhere", async () => {
  using project = new Project(PUPPETS);
  await using prewarm = new Prewarm(project);
  await using puppets = await PuppetMaster.listen(prewarm);
  const first = prewarm.start();
  const puppet = await puppets.next();
  // Stopped before the run ends, it prepares no leader for the next one, which then has to ask for it.
  const parked = parkedPids(await prewarm.status());
  for (const pid of parked) process.kill(pid, "SIGSTOP");
  puppet.say("pass");
  await first.finished;
  using client = await WireClient.connect(`${prewarm.daemonFolder}/daemon.sock`);
  await orderRun(client, prewarm, project);
  for (const pid of parked) process.kill(pid, "SIGKILL");
  (await puppets.next()).say("pass");
  const { record, problem } = await client.answer("finished");
  expect(record).toMatchObject({ exit: 0, tests: 3, unfinished: 0 });
  expect(problem).toBeNull();
});

test("a leader that is killed fails the test that was running", async () => {
  using project = new Project(PUPPETS);
  await using prewarm = new Prewarm(project);
  await using puppets = await PuppetMaster.listen(prewarm);
  for (const word of ["spin", "hang"] as const) {
    const run = prewarm.start();
    const puppet = await puppets.next();
    await puppet.occupy(word);
    process.kill(puppet.pid, "SIGKILL");
    const { exit, stderr, outcomes } = await run.finished;
    expect(exit).toBe(137);
    expect(outcomes).toEqual({ "test_puppet.py::test_before": "passed", "test_puppet.py::test_puppet": "failed" });
    expect(stderr).toContain("error[worker-died] SIGKILL while test_puppet.py::test_puppet ran");
    expect(stderr).toContain("1 more tests have no outcome");
  }
  const next = prewarm.start();
  (await puppets.next()).say("pass");
  expect(await next.finished).toMatchObject({ exit: 0 });
});

/** Asks for a run; resolves when the daemon has given its orders to the processes that it chose. */
async function orderRun(client: WireClient, prewarm: Prewarm, project: Project): Promise<void> {
  client.send({
    type: "run",
    launch: { python: interpreter, script: join(dirname(interpreter), "pytest"), isModule: false, args: [] },
    requester: { pid: process.pid, cwd: project.root, env: prewarm.environment(), umask: 0o22, terminals: {} },
    watch: false,
    all: false,
    events: false,
    native: true,
    plain: "",
    workers: { count: "", dist: "" },
  });
  // One connection is served in order.
  client.send({ type: "status" });
  await client.answer("status");
}

function parkedPids({ trunks }: Awaited<ReturnType<Prewarm["status"]>>): readonly number[] {
  return trunks.flatMap(({ checkpoints }) => checkpoints.map(({ pid }) => pid));
}
