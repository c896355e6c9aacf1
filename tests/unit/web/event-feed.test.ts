import { expect, test } from "vitest";
import { parseBlock } from "../../../web/state/event-feed.ts";

test("events are read with their ids; a heartbeat and what is not known are none", () => {
  const event = { type: "watching", files: 3 };
  const data = JSON.stringify({ run: "r1", isServed: true, event });
  expect(parseBlock(`id: e-1\nevent: run-event\ndata: ${data}`)).toEqual([
    { kind: "event", id: "e-1", run: "r1", isServed: true, event },
  ]);
  expect(parseBlock("id: e-9\nevent: reset\ndata: {}")).toEqual([{ kind: "reset", id: "e-9" }]);
  expect(parseBlock(": ")).toEqual([]);
  expect(parseBlock("retry: 1000")).toEqual([]);
});
