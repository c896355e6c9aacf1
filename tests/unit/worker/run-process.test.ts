import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test, vi } from "vitest";
import type { AgentMessage } from "../../../src/protocol/agent-messages.ts";
import { RunProcess } from "../../../src/worker/run-process.ts";
import { Inbox } from "../watch/inbox.ts";
import { Connection, channelOf } from "./connection.ts";

type Stream = "stdout" | "stderr";

const NOT_YET = "not yet";
const PID = 2 ** 30; // beyond any process of the system
const ENDED = { type: "ended", exit: 1, newFiles: 2 } as const;
const END = { kind: "ended", exit: 1, newFiles: 2 };

test("what the leader says goes to the one who follows, but for its end", async () => {
  using leader = await Connection.make();
  const { run, messages } = follow([]);
  run.attach(channelOf(leader), PID);
  await leader.say({ type: "leading" }, { type: "started", id: "a" }, ENDED);
  expect(await run.ended).toEqual(END);
  expect(messages.all).toEqual([{ type: "leading" }, { type: "started", id: "a" }]);
});

test("a run ends when its verdict and all its output are there: streams that end first", async () => {
  using leader = await Connection.make();
  using out = await Connection.make();
  const { run, output } = follow(["stdout"]);
  run.attach(channelOf(leader), PID);
  run.addStream("stdout", out.near);
  await out.write("dots\n");
  await out.leave();
  expect(await now(run)).toBe(NOT_YET);
  await leader.say(ENDED);
  expect(await run.ended).toEqual(END);
  expect(output()).toEqual([["stdout", "dots\n"]]);
});

test("a run ends when its verdict and all its output are there: streams that end last", async () => {
  using leader = await Connection.make();
  using out = await Connection.make();
  using err = await Connection.make();
  const { run, output } = follow(["stdout", "stderr"]);
  run.attach(channelOf(leader), PID);
  run.addStream("stdout", out.near);
  run.addStream("stderr", err.near);
  await leader.say(ENDED);
  await leader.leave();
  await err.write("late warning\n");
  await err.leave();
  expect(await now(run)).toBe(NOT_YET);
  await out.write("late dots\n");
  await out.leave();
  expect(await run.ended).toEqual(END);
  expect(output()).toEqual([
    ["stderr", "late warning\n"],
    ["stdout", "late dots\n"],
  ]);
});

test("a stream that connects when the leader has gone is waited for", async () => {
  using leader = await Connection.make();
  using out = await Connection.make();
  const { run, output } = follow(["stdout"]);
  run.attach(channelOf(leader), PID);
  await leader.say(ENDED);
  await leader.leave();
  expect(await now(run)).toBe(NOT_YET);
  expect(run.addStream("stdout", out.near)).toBe(true);
  await out.write("all of it");
  await out.leave();
  expect(await run.ended).toEqual(END);
  expect(output()).toEqual([["stdout", "all of it"]]);
});

test("a stream that somebody else holds open does not hold up the verdict for ever", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  using leader = await Connection.make();
  using out = await Connection.make();
  const { run } = follow(["stdout"]);
  run.attach(channelOf(leader), PID);
  run.addStream("stdout", out.near);
  await leader.say(ENDED);
  await leader.leave();
  expect(await now(run)).toBe(NOT_YET);
  vi.runAllTimers();
  expect(await run.ended).toEqual(END);
});

test("only streams that are relayed are expected, each once", async () => {
  using out = await Connection.make();
  using other = await Connection.make();
  const { run } = follow(["stdout"]);
  expect(run.addStream("stderr", other.near)).toBe(false);
  expect(run.addStream("stdout", out.near)).toBe(true);
  expect(run.addStream("stdout", other.near)).toBe(false);
});

test("a leader that goes without a verdict has died", async () => {
  using leader = await Connection.make();
  using out = await Connection.make();
  const { run, messages, output } = follow(["stdout"]);
  run.attach(channelOf(leader), PID);
  run.addStream("stdout", out.near);
  await leader.say({ type: "started", id: "a" });
  await out.write("Fatal Python error");
  await leader.leave();
  await out.leave();
  expect(await run.ended).toEqual({ kind: "died" });
  expect(messages.all).toEqual([{ type: "started", id: "a" }]);
  expect(output()).toEqual([["stdout", "Fatal Python error"]]);
});

test("what is no message counts as the leader's death", async () => {
  using leader = await Connection.make();
  const { run } = follow([]);
  run.attach(channelOf(leader), PID);
  await leader.write("Traceback (most recent call last):\n");
  expect(await run.ended).toEqual({ kind: "died" });
  await leader.ended;
});

test("nothing that is said after the verdict changes it", async () => {
  using leader = await Connection.make();
  const { run } = follow([]);
  run.attach(channelOf(leader), PID);
  await leader.say(ENDED, { type: "ended", exit: 0, newFiles: 0 }, { type: "refused", reason: "late" });
  await leader.leave();
  expect(await run.ended).toEqual(END);
});

test("a leader that refuses is not waited for: it has no output", async () => {
  using leader = await Connection.make();
  const { run } = follow(["stdout", "stderr"]);
  run.attach(channelOf(leader), PID);
  await leader.say({ type: "refused", reason: "option p" });
  expect(await run.ended).toEqual({ kind: "refused", reason: "option p" });
});

test("a leader connects once; a second one is a stranger", async () => {
  using leader = await Connection.make();
  using stranger = await Connection.make();
  const { run } = follow([]);
  expect(run.pid).toBe(0);
  expect(run.attach(channelOf(leader), PID)).toBe(true);
  expect(run.attach(channelOf(stranger), PID + 1)).toBe(false);
  expect(run.pid).toBe(PID);
});

test("with many tests left, what is told and written comes whole and in its order", async () => {
  using leader = await Connection.make();
  using out = await Connection.make();
  const { run, messages, output } = follow(["stdout"], true);
  run.attach(channelOf(leader), PID);
  run.addStream("stdout", out.near);
  const ids = Array.from({ length: 50 }, (_, index) => `test_${index}`);
  for (const id of ids) {
    await leader.say({ type: "started", id });
    await out.write(`${id}\n`);
  }
  await leader.say(ENDED);
  out.far.end();
  expect(await run.ended).toEqual(END);
  expect(messages.all).toEqual(ids.map((id) => ({ type: "started", id })));
  expect(
    output()
      .map(([, text]) => text)
      .join(""),
  ).toBe(ids.map((id) => `${id}\n`).join(""));
});

test("a leader that nobody can fork any more is lost, one that has connected is not", async () => {
  const { run: lost } = follow(["stdout"]);
  lost.lost();
  expect(await lost.ended).toEqual({ kind: "lost" });
  using leader = await Connection.make();
  const { run } = follow([]);
  run.attach(channelOf(leader), PID);
  run.lost();
  await leader.say(ENDED);
  expect(await run.ended).toEqual(END);
});

test("an interrupt reaches the leader, also one that was sent before it connected", async () => {
  const python = await start("process.on('SIGINT', () => process.exit(7))");
  const { run } = follow([]);
  run.signal("SIGINT");
  run.runsIn(python.pid ?? 0);
  expect(await once(python, "exit")).toEqual([7, null]);
});

test("a kill reaches what the leader has started too", async () => {
  const python = await start("require('node:child_process').spawn('sleep', ['1000'], { stdio: 'inherit' })");
  const { run } = follow([]);
  run.runsIn(python.pid ?? 0);
  // The child holds the same pipe: its end is the end of both.
  const closed = once(python, "close");
  run.signal("SIGKILL");
  expect(await closed).toEqual([null, "SIGKILL"]);
});

test("a signal to a process that has gone is nothing", () => {
  const { run } = follow([]);
  run.runsIn(PID);
  run.signal("SIGINT");
  run.signal("SIGKILL");
  expect(run.pid).toBe(PID);
});

function follow(relayed: readonly Stream[], hasManyLeft = false) {
  const messages = new Inbox<AgentMessage>();
  const chunks: [Stream, string][] = [];
  const run = new RunProcess("l1", relayed, {
    onMessage: messages.put,
    onOutput: (stream, chunk) => chunks.push([stream, chunk.toString()]),
    hasManyLeft,
    choose: async () => null,
    answersTo: () => [],
    answersLater: () => undefined,
  });
  return { run, messages, output: () => chunks };
}

/** How a run has ended, or that it has not. */
async function now(run: RunProcess) {
  return Promise.race([run.ended, Promise.resolve(NOT_YET)]);
}

/** A process in a group of its own; resolves when it has got ready. */
async function start(code: string): Promise<ChildProcess> {
  const script = `${code}; setInterval(() => {}, 1e6); process.stdout.write("up")`;
  const child = spawn(process.execPath, ["-e", script], { detached: true, stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child;
}
