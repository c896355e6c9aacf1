// `prewarm serve --http`: what the resources say is what pytest says.
import { expect, test } from "vitest";
import type { RunEvent } from "../../src/protocol/events.ts";
import { HttpClient, type SentEvent } from "../rig/http-client.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { PUPPET_MODULE, PuppetMaster } from "../rig/puppet.ts";

const PROJECT = {
  "pytest.ini": "[pytest]\npythonpath = .\n",
  "shop.py": "def total(): return 3\n",
  "tests/test_cart.py": "import shop\ndef test_total(): assert shop.total() == 4\ndef test_tax(): pass\n",
  "tests/test_mail.py": "def test_sent(): pass\n",
};
const TOTAL = "tests/test_cart.py::test_total";
const TAX = "tests/test_cart.py::test_tax";
const SENT = "tests/test_mail.py::test_sent";

test("a run is started, followed by its events, and told of by the resources", async () => {
  using project = new Project(PROJECT);
  await using prewarm = new Prewarm(project);
  await using http = await HttpClient.serve(prewarm, ["tests"]);

  expect(await http.json("/tests")).toEqual({ tests: [TOTAL, TAX, SENT], broken: [], exit: 0 });
  const events = await followed(http);
  const run = await http.run();
  const told = await untilFinished(events, run);
  expect(told.map(({ type }) => type)).toEqual([
    "run-started",
    "collected",
    ...Array.from({ length: 3 }, () => ["test-started", "test-finished"]).flat(),
    "run-finished",
  ]);
  expect(await http.json(`/runs/${run}`)).toMatchObject({
    ...{ id: run, state: "finished", isOurs: true, args: ["tests"], selection: "all", selected: 3 },
    ...{ counts: { passed: 2, failed: 1 }, record: { exit: 1, tests: 3 } },
  });
  expect(await http.json(`/runs/${run}/outcomes`)).toMatchObject({
    outcomes: [
      { id: TOTAL, outcome: "failed", text: expect.stringContaining("assert 3 == 4") },
      { id: TAX },
      { id: SENT },
    ],
  });
  expect(await (await http.get(`/runs/${run}/output`)).text()).toContain("1 failed, 2 passed");
  expect(await http.json("/failures")).toMatchObject({ failures: [{ id: TOTAL, run }] });
  expect(await http.json("/outcomes?outcome=passed")).toMatchObject({ outcomes: [{ id: TAX }, { id: SENT }] });
  expect(await http.json("/trunk")).toMatchObject({ trunks: [{ tests: 3 }] });

  // What is chosen, and a command line of its own.
  const chosen = await http.run({ ids: [TAX, "tests/test_gone.py::test_gone"] });
  expect(await untilFinished(events, chosen)).toContainEqual({ type: "collected", ids: [TAX] });
  const other = await http.run({ command: ["pytest", "-q", "tests/test_mail.py"] }, "/command");
  expect(await untilFinished(events, other)).toContainEqual({ type: "collected", ids: [SENT] });
  expect(await http.json(`/runs/${other}`)).toMatchObject({ args: ["-q", "tests/test_mail.py"], record: { exit: 0 } });
  expect(((await http.json("/runs")).runs as { id: string }[]).map(({ id }) => id).slice(0, 3)).toEqual([
    other,
    chosen,
    run,
  ]);
});

test("runs of others are seen, and not cancelled", async () => {
  using project = new Project({ ...PROJECT, "puppet.py": PUPPET_MODULE, "slow/test_slow.py": SLOW });
  await using prewarm = new Prewarm(project);
  await using puppets = await PuppetMaster.listen(prewarm);
  await using http = await HttpClient.serve(prewarm, ["slow"]);
  const events = await followed(http);
  const started = prewarm.start(["slow"]);
  const puppet = await puppets.next();
  const { value } = await events.next();
  const run = value?.data.run ?? "";
  expect(await http.json(`/runs/${run}`)).toMatchObject({ state: "running", isOurs: false });
  expect((await http.post(`/runs/${run}/cancel`)).status).toBe(409);
  puppet.say("pass");
  expect((await started.finished).exit).toBe(0);

  const own = await http.run();
  await (await puppets.next()).occupy("hang");
  expect((await http.post(`/runs/${own}/cancel`)).status).toBe(202);
  const told = await untilFinished(events, own);
  expect(told.at(-1)).toMatchObject({ record: { exit: 2 } });
});

test("after an edit, only what it can affect runs", async () => {
  using project = new Project(PROJECT);
  await using prewarm = new Prewarm(project);
  await using http = await HttpClient.serve(prewarm, ["tests"]);
  const events = await followed(http);
  await untilFinished(events, await http.run({ affected: "learn" }));
  // It begins when the sources are read that the first one was led from.
  await untilFinished(events, await http.run({ affected: "learn" }));
  project.write("shop.py", "def total(): return 4\n");
  const told = await untilFinished(events, await http.run({ affected: "only" }));
  expect(told).toContainEqual({ type: "collected", ids: expect.arrayContaining([TOTAL]) });
  expect(told.filter(({ type }) => type === "plan")).toMatchObject([{ tests: 3 }]);
  expect(told.flatMap((event) => (event.type === "collected" ? event.ids : []))).not.toContain(SENT);
  expect(told.at(-1)).toMatchObject({ record: { exit: 0 } });
  expect(((await http.json("/why")).lines as string[]).join("\n")).toContain("shop.py");
});

test("a reader that comes back goes on where it was; one that comes too late is told so", async () => {
  using project = new Project(PROJECT);
  await using prewarm = new Prewarm(project);
  await using http = await HttpClient.serve(prewarm, ["tests"]);
  const events = await followed(http);
  const run = await http.run();
  const first = (await events.next()).value as SentEvent;
  const rest = [(await events.next()).value as SentEvent];
  while (rest.at(-1)?.data.event?.type !== "run-finished") rest.push((await events.next()).value as SentEvent);
  await events.return(undefined);

  const again: SentEvent[] = [];
  for await (const event of http.events(first.id)) {
    again.push(event);
    if (event.data.event?.type === "run-finished") break;
  }
  expect(again).toEqual(rest);
  expect(again.every(({ data }) => data.run === run)).toBe(true);
  for await (const event of http.events("another-1")) {
    expect(event.name).toBe("reset");
    break;
  }
});

test("it is served while its command runs; the daemon stays, and two commands have two servers", async () => {
  using project = new Project(PROJECT);
  await using prewarm = new Prewarm(project);
  const first = await HttpClient.serve(prewarm, ["tests"]);
  await using second = await HttpClient.serve(prewarm, ["tests/test_mail.py"]);
  expect(first.token).not.toBe(second.token);
  expect((await second.get("/status", { authorization: `Bearer ${first.token}` })).status).toBe(401);
  await first[Symbol.asyncDispose]();
  await expect(first.get("/status")).rejects.toThrow();
  expect(await second.json("/tests")).toMatchObject({ tests: [SENT] });
  const taken = prewarm.command(["serve", "--http", String(second.port), "--", "pytest"]);
  const { exit, stderr } = await taken.finished;
  expect(exit).toBe(69);
  expect(stderr).toContain(`error[port-taken] Port ${second.port} on the loopback address is in use`);
});

const SLOW = "import puppet\ndef test_slow(): puppet.play('slow')\n";

/** A reader of events that has been told that it is one. */
async function followed(http: HttpClient): Promise<AsyncGenerator<SentEvent>> {
  const events = http.events("none-0");
  expect((await events.next()).value).toMatchObject({ name: "reset" });
  return events;
}

async function untilFinished(events: AsyncGenerator<SentEvent>, run: string): Promise<readonly RunEvent[]> {
  const told: RunEvent[] = [];
  for (;;) {
    const { value, done } = await events.next();
    if (done === true) throw new Error(`The events ended after ${JSON.stringify(told)}`);
    const { data } = value as SentEvent;
    if (data.run !== run || data.event === undefined) continue;
    told.push(data.event);
    if (data.event.type === "run-finished") return told;
  }
}
