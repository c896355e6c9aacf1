import { expect, test } from "vitest";
import type { RunEvent } from "../../../src/protocol/events.ts";
import { RunQueue } from "../../../src/report/run-queue.ts";

const watching = (files: number): RunEvent => ({ type: "watching", files });
const finished = { type: "run-finished" } as RunEvent;

test("runs that go side by side come one after the other", () => {
  const queue = new RunQueue();
  expect(queue.take({ run: "a", event: watching(1) })).toEqual([watching(1)]);
  expect(queue.take({ run: "b", event: watching(2) })).toEqual([]);
  expect(queue.take({ run: "c", event: watching(3) })).toEqual([]);
  expect(queue.take({ run: "b", event: finished })).toEqual([]);
  expect(queue.take({ run: "a", event: watching(4) })).toEqual([watching(4)]);
  // The end of the first one lets the second one through to its end, and the third one begin.
  expect(queue.take({ run: "a", event: finished })).toEqual([finished, watching(2), finished, watching(3)]);
  expect(queue.current).toBe("c");
  expect(queue.take({ run: "c", event: finished })).toEqual([finished]);
  expect(queue.current).toBeNull();
});

test("a queue goes on where another one is", () => {
  const one = new RunQueue();
  one.take({ run: "a", event: watching(1) });
  one.take({ run: "b", event: watching(2) });
  const other = new RunQueue();
  other.resume(one.current, one.waiting);
  expect(other.take({ run: "a", event: finished })).toEqual([finished, watching(2)]);
});
