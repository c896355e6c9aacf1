import { expect, test } from "vitest";
import { findSlower } from "../../../src/insight/slower.ts";

const times = (id: string, ...durationsMs: number[]) => ({ id, durationsMs, runs: durationsMs.map((_, at) => at + 1) });

test("a test is slower when all its latest runs took longer than any before, and clearly so", () => {
  const found = findSlower([
    times("slower", 10, 12, 11, 100, 90, 95),
    times("much slower", 10, 12, 11, 9, 900, 950, 990),
    times("once", 10, 12, 11, 10, 100, 10),
    times("hardly", 100, 100, 100, 110, 110, 110),
    times("tiny", 1, 1, 1, 5, 5, 5),
    times("young", 10, 10, 100, 100, 100),
    times("was slow before", 200, 10, 10, 100, 100, 100),
  ]);
  expect(found.map(({ id, beforeMs, nowMs, sinceRun }) => [id, beforeMs, nowMs, sinceRun])).toEqual([
    ["much slower", 11, 950, 5],
    ["slower", 11, 95, 4],
  ]);
});
