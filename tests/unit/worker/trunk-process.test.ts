import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { RunProcess } from "../../../src/worker/run-process.ts";
import { TrunkProcess } from "../../../src/worker/trunk-process.ts";
import { messages, orders } from "../protocol/golden-messages.ts";
import { Connection, channelOf } from "./connection.ts";

const PID = 2 ** 30; // beyond any process of the system

test("a process is starting until it connects, and can be asked for something when it has parked", async () => {
  using connection = await Connection.make();
  const process = new TrunkProcess("t1", null, {});
  expect([process.state.kind, process.isParked]).toEqual(["starting", false]);
  process.attach(channelOf(connection), PID);
  expect([process.state.kind, process.isParked]).toEqual(["running", false]);
  process.state = { kind: "parked", at: messages.parked[0].at, sinceMs: 0 };
  expect(process.isParked).toBe(true);
  process.state = { kind: "tip", tip: messages.tip[0], sinceMs: 0 };
  expect(process.isParked).toBe(true);
});

test("a process that leads from its start tells its run where it is", async () => {
  using connection = await Connection.make();
  const process = new TrunkProcess("t1", null, {});
  process.lead = new RunProcess("t1", [], {
    onMessage: () => {},
    onOutput: () => {},
    hasManyLeft: false,
    choose: async () => null,
    answersTo: () => [],
    answersLater: () => undefined,
  });
  process.state = { kind: "leading" };
  process.attach(channelOf(connection), PID);
  expect([process.state.kind, process.lead.pid]).toEqual(["leading", PID]);
});

test("its line goes from the first process to itself", () => {
  const first = new TrunkProcess("t1", null, {});
  const second = new TrunkProcess("t1.1", first, {});
  const third = new TrunkProcess("c1", second, {});
  new TrunkProcess("c2", second, {});
  expect(third.lineage()).toEqual([first, second, third]);
  expect(first.lineage()).toEqual([first]);
});

test("who asked for a fork hears that it is lost, unless it has connected", async () => {
  using connection = await Connection.make();
  const process = new TrunkProcess("t1", null, {});
  process.attach(channelOf(connection), PID);
  const lost: string[] = [];
  for (const id of ["a", "b", "c", "d"]) process.sendFork({ ...orders.resume[0], id }, id, () => lost.push(id));
  expect(await connection.orders.next()).toMatchObject({ type: "resume", id: "a" });
  process.hasForked("a");
  process.hasLost("b");
  expect(lost).toEqual(["b"]);
  process.hasLost();
  expect(lost).toEqual(["b", "c", "d"]);
  process.hasLost();
  process.hasLost("a");
  expect(lost).toEqual(["b", "c", "d"]);
});

test("a parked process is told to leave, a busy one is killed", async () => {
  using connection = await Connection.make();
  const child = spawn("sleep", ["1000"]);
  const exit = once(child, "exit");
  const process = new TrunkProcess("t1", null, {});
  process.attach(channelOf(connection), child.pid ?? 0);
  process.state = { kind: "parked", at: messages.parked[0].at, sinceMs: 0 };
  process.end();
  expect(await connection.orders.next()).toEqual({ type: "exit" });
  process.state = { kind: "running" };
  process.end();
  expect(await exit).toEqual([null, "SIGKILL"]);
});

test("a process that has gone, or has yet to come, is neither told nor killed", () => {
  const process = new TrunkProcess("t1", null, {});
  process.end();
  process.pid = PID;
  process.kill();
  process.state = { kind: "gone" };
  process.end();
  expect(process.state.kind).toBe("gone");
});
