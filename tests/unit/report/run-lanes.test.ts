import { expect, test } from "vitest";
import { buildLanes, type HeardTest, lowerBoundMs } from "../../../src/report/run-lanes.ts";

const heard = (id: string, durationMs: number, atMs: number, worker?: string): HeardTest => ({
  ...{ id, outcome: "passed", durationMs, atMs },
  ...(worker === undefined ? {} : { worker }),
});

test("tests that were told together stand one after the other, and none beside another one of its worker", () => {
  const lanes = buildLanes(
    [heard("a", 10, 50, "gw10"), heard("b", 20, 50, "gw10"), heard("c", 5, 20, "gw2"), heard("d", 10, 100, "gw10")],
    1,
  );
  expect(lanes).toEqual([
    { worker: "gw2", tests: [{ id: "c", outcome: "passed", startMs: 16, endMs: 21 }] },
    {
      worker: "gw10",
      tests: [
        { id: "a", outcome: "passed", startMs: 21, endMs: 31 },
        { id: "b", outcome: "passed", startMs: 31, endMs: 51 },
        { id: "d", outcome: "passed", startMs: 91, endMs: 101 },
      ],
    },
  ]);
});

test("a run takes at least its start and its longest test, or an equal share of all", () => {
  const lanes = buildLanes([heard("a", 10, 60, "1"), heard("b", 40, 50, "2")], 0);
  expect(lowerBoundMs(lanes, 5)).toBe(45);
  expect(lowerBoundMs(buildLanes([heard("a", 30, 30, "1"), heard("b", 30, 60, "1")], 0), 5)).toBe(65);
  expect(lowerBoundMs([], 5)).toBe(5);
});
