import { once } from "node:events";
import { expect, test } from "vitest";
import { RunProcess } from "../../../src/worker/run-process.ts";
import { Spare } from "../../../src/worker/spare.ts";
import { orders } from "../protocol/golden-messages.ts";
import { Connection, channelOf } from "./connection.ts";

const PID = 2 ** 30; // beyond any process of the system
const [order] = orders.run;

test("a spare that was asked for is neither ready nor gone", () => {
  expect(stateOf(new Spare("s1"))).toEqual({ isReady: false, isGone: false });
});

test("a spare that has connected is ready, and nobody else can take its place", async () => {
  using leader = await Connection.make();
  using stranger = await Connection.make();
  const spare = new Spare("s1");
  expect(spare.attach(channelOf(leader), PID)).toBe(true);
  expect(stateOf(spare)).toEqual({ isReady: true, isGone: false });
  expect(spare.attach(channelOf(stranger), PID + 1)).toBe(false);
});

test("a run takes a spare with the streams that it connected ahead, and what they carry already", async () => {
  using leader = await Connection.make();
  using out = await Connection.make();
  using err = await Connection.make();
  const spare = new Spare("s1");
  spare.attach(channelOf(leader), PID);
  for (const [name, { near }] of [["stdout", out] as const, ["stderr", err] as const]) {
    expect(spare.addStream(name, near)).toBe(true);
    expect(spare.addStream(name, near)).toBe(false);
  }
  await out.write("early");
  const { run, output } = follow(["stdout", "stderr"]);
  spare.lead(run, order);
  expect(await leader.orders.next()).toEqual(order);
  expect(run.pid).toBe(PID);
  expect(stateOf(spare)).toEqual({ isReady: false, isGone: false });
  await leader.say({ type: "leading" }, { type: "ended", exit: 0, newFiles: 0 });
  for (const each of [leader, out, err]) await each.leave();
  expect(await run.ended).toEqual({ kind: "ended", exit: 0, newFiles: 0 });
  expect(output.join("")).toBe("early");
});

test("streams that connect after the run has taken the spare belong to the run", async () => {
  using leader = await Connection.make();
  using out = await Connection.make();
  const spare = new Spare("s1");
  spare.attach(channelOf(leader), PID);
  const { run, output } = follow(["stdout"]);
  spare.lead(run, order);
  expect(run.addStream("stdout", out.near)).toBe(true);
  await out.write("late");
  await out.leave();
  await leader.say({ type: "ended", exit: 0, newFiles: 0 });
  await run.ended;
  expect(output.join("")).toBe("late");
});

test("a stream for which the requester has a terminal is closed", async () => {
  using leader = await Connection.make();
  using out = await Connection.make();
  using err = await Connection.make();
  const spare = new Spare("s1");
  spare.attach(channelOf(leader), PID);
  spare.addStream("stdout", out.near);
  spare.addStream("stderr", err.near);
  const { run } = follow(["stderr"]);
  spare.lead(run, order);
  await out.ended;
  await leader.say({ type: "ended", exit: 0, newFiles: 0 });
  await err.leave();
  expect(await run.ended).toMatchObject({ kind: "ended" });
});

test("a spare that dies while it waits is gone, and cannot lead", async () => {
  using leader = await Connection.make();
  const spare = new Spare("s1");
  spare.attach(channelOf(leader), PID);
  await leader.leave();
  expect(stateOf(spare)).toEqual({ isReady: false, isGone: true });
  expect(() => spare.lead(follow([]).run, order)).toThrow("Expected a spare that is ready, got one that is gone.");
});

test("a spare that dies in the hands of a run is that run's death", async () => {
  using leader = await Connection.make();
  const spare = new Spare("s1");
  spare.attach(channelOf(leader), PID);
  const { run } = follow([]);
  spare.lead(run, order);
  await leader.leave();
  expect(await run.ended).toEqual({ kind: "died" });
});

test("a spare cannot lead before it has connected, nor twice", async () => {
  const spare = new Spare("s1");
  expect(() => spare.lead(follow([]).run, order)).toThrow("got one that is asked");
  using leader = await Connection.make();
  spare.attach(channelOf(leader), PID);
  spare.lead(follow([]).run, order);
  expect(() => spare.lead(follow([]).run, order)).toThrow("got one that is taken");
});

test("a spare that is let go sees the end of its connections", async () => {
  using leader = await Connection.make();
  using out = await Connection.make();
  const spare = new Spare("s1");
  spare.attach(channelOf(leader), PID);
  spare.addStream("stdout", out.near);
  spare.end();
  await Promise.all([leader.ended, out.ended]);
  expect(stateOf(spare)).toEqual({ isReady: false, isGone: true });
});

test("a spare that is let go before it has connected is not waited for", async () => {
  const spare = new Spare("s1");
  spare.end();
  using leader = await Connection.make();
  expect(spare.attach(channelOf(leader), PID)).toBe(false);
});

test("letting go of a spare that leads leaves it to its run", async () => {
  using leader = await Connection.make();
  using out = await Connection.make();
  const spare = new Spare("s1");
  spare.attach(channelOf(leader), PID);
  spare.addStream("stdout", out.near);
  const { run, output } = follow(["stdout"]);
  spare.lead(run, order);
  spare.end();
  await out.write("to the end");
  await leader.say({ type: "ended", exit: 3, newFiles: 0 });
  const closed = once(out.near, "close");
  out.far.end();
  await closed;
  expect(await run.ended).toEqual({ kind: "ended", exit: 3, newFiles: 0 });
  expect(output.join("")).toBe("to the end");
});

test("a spare that is held gets ready, and goes on for the run that it is held for alone", async () => {
  using leader = await Connection.make();
  const spare = new Spare("s1");
  spare.attach(channelOf(leader), PID);
  const { run } = follow([]);
  const held = { ...order, isHeld: true };
  spare.hold(run, held);
  expect(await leader.orders.next()).toEqual(held);
  expect(stateOf(spare)).toEqual({ isReady: false, isGone: false });
  expect(spare.isHeldFor(run)).toBe(true);
  expect(spare.isHeldFor(follow([]).run)).toBe(false);
  spare.lead(run, order);
  expect(await leader.orders.next()).toEqual({ type: "go" });
  expect(spare.isHeldFor(run)).toBe(false);
  expect(run.pid).toBe(PID);
});

test("a spare that is held and not wanted leaves when it is let go", async () => {
  using leader = await Connection.make();
  const spare = new Spare("s1");
  spare.attach(channelOf(leader), PID);
  spare.hold({}, order);
  spare.end();
  await leader.ended;
  expect(stateOf(spare)).toEqual({ isReady: false, isGone: true });
});

function stateOf({ isReady, isGone }: Spare) {
  return { isReady, isGone };
}

function follow(relayed: readonly ("stdout" | "stderr")[]) {
  const output: string[] = [];
  const run = new RunProcess("s1", relayed, {
    onMessage: () => {},
    onOutput: (_, chunk) => output.push(chunk.toString()),
    hasManyLeft: false,
    choose: async () => null,
    answersTo: () => [],
    answersLater: () => undefined,
  });
  return { run, output };
}
