// `prewarm serve --stdio`: JSON-RPC 2.0 on two streams, one object a line.
import { expect, test } from "vitest";
import { HttpClient } from "../rig/http-client.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { PUPPET_MODULE, PuppetMaster } from "../rig/puppet.ts";
import { RpcClient } from "../rig/rpc-client.ts";

const PROJECT = {
  "tests/test_cart.py": "def test_total(): pass\ndef test_tax(): assert 3 == 4\n",
  "tests/test_mail.py": "def test_sent(): pass\n",
};
const SLOW = {
  "puppet.py": PUPPET_MODULE,
  "pytest.ini": "[pytest]\npythonpath = .\n",
  "slow/test_slow.py": "import puppet\ndef test_slow(): puppet.play('slow')\n",
};
const CART = ["tests/test_cart.py::test_total", "tests/test_cart.py::test_tax"];
const MAIL = "tests/test_mail.py::test_sent";

test("tests are listed, and run by their ids; what is added to a run becomes a part of it", async () => {
  using project = new Project(PROJECT);
  await using prewarm = new Prewarm(project);
  using server = new RpcClient(prewarm, ["tests"]);

  expect((await server.ask("list-tests")).result).toEqual({ tests: [...CART, MAIL], broken: [], exit: 0 });
  await server.ask("subscribe", { types: ["test-finished"] });
  expect((await server.ask("run-tests", { ids: [CART[1]] })).result).toEqual({ run: "1", isAdded: false });
  expect((await server.ask("run-tests", { run: "1", path: "mail" })).result).toEqual({ run: "1", isAdded: true });

  const finished = (await server.notified("finished")) as { exit: number; records: { exit: number; tests: number }[] };
  expect(finished.exit).toBe(1);
  expect(finished.records.map(({ exit, tests }) => [exit, tests])).toEqual([
    [1, 1],
    [0, 1],
  ]);
  const told = [await server.notified("event"), await server.notified("event")];
  expect(told).toMatchObject([
    { run: "1", event: { id: CART[1], outcome: "failed", text: expect.stringContaining("assert 3 == 4") } },
    { run: "1", event: { id: MAIL, outcome: "passed" } },
  ]);
  expect((await server.ask("failures")).result).toMatchObject({ failures: [{ id: CART[1], outcome: "failed" }] });
  // A run that has ended takes no more.
  expect((await server.ask("run-tests", { run: "1" })).error).toMatchObject({ code: -32001 });

  await server.ask("shutdown");
  expect(await server.exited).toBe(0);
});

test("a run that is cancelled ends as after ctrl-c, and its other parts never begin", async () => {
  using project = new Project(SLOW);
  await using prewarm = new Prewarm(project);
  await using puppets = await PuppetMaster.listen(prewarm);
  using server = new RpcClient(prewarm);
  await server.ask("run-tests");
  await server.ask("run-tests", { run: "1" });
  await (await puppets.next()).occupy("hang");
  expect((await server.ask("cancel", { run: "1" })).result).toEqual({});
  expect(await server.notified("finished")).toMatchObject({ run: "1", exit: 2, records: [{ exit: 2 }] });
  expect((await server.ask("cancel", { run: "1" })).error).toMatchObject({ code: -32001 });
});

test("what is no request is refused by its code, and the server goes on", async () => {
  using project = new Project(PROJECT);
  await using prewarm = new Prewarm(project);
  using server = new RpcClient(prewarm, ["tests"]);
  const refused = async (text: string): Promise<number | undefined> => {
    server.write(`${text}\n`);
    return (await server.message(({ error, id }) => error !== undefined && id === null)).error?.code;
  };
  expect(await refused("nonsense")).toBe(-32700);
  expect(await refused("[]")).toBe(-32600);
  expect(await refused('{"id": 1, "method": "status"}')).toBe(-32600);
  expect(await refused(`{"jsonrpc": "2.0", "method": "${"x".repeat(9_000_000)}"}`)).toBe(-32600);
  expect((await server.ask("fly")).error?.code).toBe(-32601);
  expect((await server.ask("run-tests", { ids: "all" })).error?.code).toBe(-32602);
  expect((await server.ask("cancel", { run: "7" })).error?.code).toBe(-32001);
  server.write("\n\n");
  expect((await server.ask("status")).result).toMatchObject({ root: project.root });
});

test("when its input ends, the server waits for its runs", async () => {
  using project = new Project(PROJECT);
  await using prewarm = new Prewarm(project);
  using server = new RpcClient(prewarm, ["tests"]);
  server.write('{"jsonrpc": "2.0", "id": 1, "method": "run-tests"}\n');
  server.end();
  expect(await server.notified("finished")).toMatchObject({ exit: 1, records: [{ tests: 3 }] });
  expect(await server.exited).toBe(0);
});

test("a server that nobody reads any more leaves", async () => {
  using project = new Project(PROJECT);
  await using prewarm = new Prewarm(project);
  using server = new RpcClient(prewarm, ["tests"]);
  await server.ask("status");
  server.stopReading();
  server.write('{"jsonrpc": "2.0", "id": 1, "method": "run-tests"}\n');
  expect(await server.exited).toBe(141);
});

test("workers share the tests where the command says so", async () => {
  const shared = "import os\ndef test_shared(): assert os.environ['PYTEST_XDIST_WORKER_COUNT'] == '2'\n";
  using project = new Project({ "test_a.py": shared, "test_b.py": shared });
  await using prewarm = new Prewarm(project);
  using server = new RpcClient(prewarm, [], ["-n", "2"]);
  await server.ask("run-tests");
  expect(await server.notified("finished")).toMatchObject({ exit: 0, records: [{ tests: 2 }] });
  await using http = await HttpClient.serve(prewarm, [], ["-n", "2"]);
  const run = await http.run();
  for await (const { data } of http.events("none-0")) {
    if (data.event?.type === "run-finished" || (await http.json(`/runs/${run}`)).state === "finished") break;
  }
  expect(await http.json(`/runs/${run}`)).toMatchObject({ record: { exit: 0 }, counts: { passed: 2 } });
});

test("a test that reads standard input takes none of the requests", async () => {
  using project = new Project({ "test_in.py": "import os\ndef test_in(): assert os.read(0, 100) == b''\n" });
  await using prewarm = new Prewarm(project);
  // Node gives a socket, a shell gives a pipe.
  using server = new RpcClient(prewarm, ["-s"], [], ["sh", "-c", 'cat | "$@"', "sh"]);
  await server.ask("run-tests");
  await server.ask("run-tests", { affected: "learn" });
  const ends = [await server.notified("finished"), await server.notified("finished")];
  expect(ends).toMatchObject([{ exit: 0 }, { exit: 0 }]);
  expect((await server.ask("status")).result).toMatchObject({ root: project.root });
  server.end();
  expect(await server.exited).toBe(0);
});

test("two servers do not wait for each other", async () => {
  using project = new Project({ ...PROJECT, ...SLOW });
  await using prewarm = new Prewarm(project);
  await using puppets = await PuppetMaster.listen(prewarm);
  using slow = new RpcClient(prewarm, ["slow"]);
  using quick = new RpcClient(prewarm, ["tests"]);
  await slow.ask("run-tests");
  const puppet = await puppets.next();
  await quick.ask("run-tests", { ids: [MAIL] });
  expect(await quick.notified("finished")).toMatchObject({ exit: 0 });
  puppet.say("pass");
  expect(await slow.notified("finished")).toMatchObject({ exit: 0 });
});
