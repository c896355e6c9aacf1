import { describe, expect, test } from "vitest";
import { type AgentMessage, agentMessage, PROTOCOL_VERSION } from "../../../src/protocol/agent-messages.ts";
import { encodeFrame, FrameDecoder } from "../../../src/protocol/frames.ts";
import { answers, messages, orders, requests } from "./golden-messages.ts";

// The files are what the other language reads. After a change of an example: `npx vitest run -u tests/unit/protocol`.
const FOLDER = "../../../contract/messages";

const OPTIONAL: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ["finished", ["text", "worker"]],
  ["debugging", ["worker", "test", "waiting"]],
  ...["names", "ran-outside", "depends", "held", "released", "owned", "recorded"].map((type): [string, string[]] => [
    type,
    ["worker"],
  ]),
]);

describe("golden messages", () => {
  test.each([
    ["orders", orders],
    ["agent-messages", messages],
    ["requests", requests],
    ["answers", answers],
  ])("%s are in the contract, one a line", async (name, examples) => {
    await expect(render(Object.values(examples).flat())).toMatchFileSnapshot(`${FOLDER}/${name}.json`);
  });

  test.each(Object.values({ orders, messages, requests, answers }).flatMap((each) => Object.values(each).flat()))(
    "$type goes through a frame unchanged",
    (message) => {
      expect(new FrameDecoder().push(encodeFrame(message))).toStrictEqual([{ ok: true, value: message }]);
    },
  );
});

describe("messages of a Python process", () => {
  test("there is an example of every type in the schema", () => {
    const types = agentMessage.options.map(({ shape }) => shape.type.value);
    expect(Object.keys(messages)).toEqual(types);
  });

  test.each(Object.values(messages).flat())("$type is taken as it is", (message) => {
    expect(agentMessage.parse(message)).toStrictEqual(message);
  });

  test.each(Object.values(messages).flat())("$type is refused without one of its members", (message) => {
    const refused = Object.keys(message).filter((name) => !accepts(without(message, name)));
    // Where there is no worker, the leader speaks of itself.
    const mayLack = OPTIONAL.get(message.type) ?? [];
    expect(refused).toEqual(Object.keys(message).filter((name) => !mayLack.includes(name)));
  });

  test.each(Object.values(messages).flat())("$type is refused with a member of another type", (message) => {
    const taken = Object.keys(message).filter((name) => accepts({ ...message, [name]: { not: "this" } }));
    expect(taken).toEqual([]);
  });

  test.each([
    ["a type that nobody knows", { type: "goodbye" }],
    ["an order", { type: "welcome" }],
    ["a negative count", { type: "ended", exit: 0, newFiles: -1 }],
    ["a count with a fraction", { ...messages.hello[0], protocol: 1.5 }],
    ["an outcome that pytest does not have", { ...messages.finished[0], outcome: "flaky" }],
    ["an event of an unknown kind", timelineOf(["thread", "", null, 0, "0", 0, "0", "0"])],
    ["an event without the time of its inode", timelineOf(["open", "/a", "/a", 0, "0", 0, "0"])],
    ["a time as a number, which loses nanoseconds", timelineOf(["open", "/a", "/a", 0, 1.7e18, 0, "0", "0"])],
  ])("%s is refused", (_, message) => {
    expect(accepts(message)).toBe(false);
  });

  test("its hello has our version", () => {
    expect(messages.hello.map(({ protocol }) => protocol)).toEqual([PROTOCOL_VERSION]);
  });
});

function render(examples: readonly object[]): string {
  return `[\n  ${examples.map((each) => JSON.stringify(each)).join(",\n  ")}\n]\n`;
}

function accepts(message: unknown): boolean {
  return agentMessage.safeParse(message).success;
}

function without(message: AgentMessage, name: string): object {
  return Object.fromEntries(Object.entries(message).filter(([key]) => key !== name));
}

function timelineOf(event: readonly unknown[]): object {
  return { type: "timeline", first: 0, events: [event] };
}
