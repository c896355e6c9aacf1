import { expect, test } from "vitest";
import type { AgentMessage } from "../../../src/protocol/agent-messages.ts";
import { encodeFrame } from "../../../src/protocol/frames.ts";
import { Inbox } from "../watch/inbox.ts";
import { Connection, channelOf } from "./connection.ts";

test("messages wait for a listener, also for the next one", async () => {
  using connection = await Connection.make();
  const channel = channelOf(connection);
  await connection.say({ type: "started", id: "a" }, { type: "started", id: "b" });
  const first = listener();
  channel.listen(first);
  await first.messages.next(({ type }) => type === "started");
  await first.messages.next();
  const second = listener();
  channel.listen(second);
  await connection.say({ type: "leading" });
  expect(await second.messages.next()).toEqual({ type: "leading" });
  expect(first.messages.all).toEqual([
    { type: "started", id: "a" },
    { type: "started", id: "b" },
  ]);
});

test("a message may arrive in pieces, and several in one", async () => {
  using connection = await Connection.make();
  const { messages } = listen(connection);
  const frames = Buffer.concat(["a", "b", "c"].map((id) => encodeFrame({ type: "started", id } as AgentMessage)));
  for (const byte of frames.subarray(0, 20)) await connection.write(Uint8Array.of(byte));
  await connection.write(frames.subarray(20));
  for (const id of ["a", "b", "c"]) expect(await messages.next()).toEqual({ type: "started", id });
});

test.each([
  ["bytes that are no frame", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
  ["a message that nobody knows", encodeFrame({ type: "goodbye" })],
  ["a message without its members", encodeFrame({ type: "started" })],
])("%s end the connection, after what came before", async (_, bytes) => {
  using connection = await Connection.make();
  const { messages, closed } = listen(connection);
  await connection.say({ type: "leading" });
  await connection.write(Buffer.concat([bytes, encodeFrame({ type: "leading" })]));
  await closed.next();
  await connection.ended;
  expect(messages.all).toEqual([{ type: "leading" }]);
});

test("the end is told once, and to one who listens only then", async () => {
  using connection = await Connection.make();
  const channel = channelOf(connection);
  const early = listener();
  channel.listen(early);
  await connection.leave();
  expect(early.closed.all.length).toBe(1);
  const late = listener();
  channel.listen(late);
  expect(late.closed.all.length).toBe(1);
  channel.destroy();
  expect(early.closed.all.length).toBe(1);
});

test("an order to a process that has gone is nothing", async () => {
  using connection = await Connection.make();
  const channel = channelOf(connection);
  await connection.leave();
  channel.send({ type: "exit" });
  expect(connection.orders.all).toEqual([]);
});

test("orders arrive in their order", async () => {
  using connection = await Connection.make();
  const channel = channelOf(connection);
  channel.send({ type: "welcome" });
  channel.send({ type: "reap", pid: 7 });
  expect([await connection.orders.next(), await connection.orders.next()]).toEqual([
    { type: "welcome" },
    { type: "reap", pid: 7 },
  ]);
});

function listener() {
  const messages = new Inbox<AgentMessage>();
  const closed = new Inbox<true>();
  return { messages, closed, onMessage: messages.put, onClose: () => closed.put(true) };
}

function listen(connection: Connection) {
  const listening = listener();
  channelOf(connection).listen(listening);
  return listening;
}
