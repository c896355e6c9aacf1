import { expect, test } from "vitest";
import type { RunRecord } from "../../../src/protocol/events.ts";
import { formatCount, formatSize } from "../../../src/report/format-count.ts";
import { formatAge, formatSpan, formatTime } from "../../../src/report/format-time.ts";
import { describeRun } from "../../../src/report/run-line.ts";

test.each([
  [0.4, "0 ms"],
  [38.2, "38 ms"],
  [99.6, "0.10 s"],
  [710, "0.71 s"],
  [3610, "3.61 s"],
  [12_400, "12.4 s"],
  [59_960, "1 min"],
  [134_000, "2 min 14 s"],
])("a time of %d ms is %s", (durationMs, expected) => {
  expect(formatTime(durationMs)).toBe(expected);
});

test("spans and ages", () => {
  expect([3_000, 113_000, 1_800_000, 7_380_000].map(formatSpan)).toEqual(["3 s", "1 min 53 s", "30 min", "2 h 3 min"]);
  expect([3_000, 36_400, 113_000, 7_380_000].map(formatAge)).toEqual(["3 s", "36 s", "2 min", "2 h 3 min"]);
});

test("counts and sizes", () => {
  expect([1, 2, 9_986, 1_234_567].map((value) => formatCount(value, "test"))).toEqual([
    "1 test",
    "2 tests",
    "9,986 tests",
    "1,234,567 tests",
  ]);
  expect([3.1, 34, 296.4].map((value) => formatSize(value * 1024 * 1024))).toEqual(["3.1 MiB", "34 MiB", "296 MiB"]);
});

const record: RunRecord = {
  exit: 0,
  way: "warm",
  reason: "nothing has changed",
  durationMs: 180,
  firstTestMs: 35,
  tests: 600,
  modules: 409,
  coldMs: 3610,
  unfinished: 0,
};

test("how a run was served, in a line", () => {
  const timing = { totalMs: 210, beforeMs: 25, replaced: undefined };
  expect(describeRun(record, timing)).toBe("warm 0.21 s · first test after 60 ms · the cold run took 3.61 s (17 ×)");
  expect(describeRun({ ...record, way: "cold", coldMs: null }, { ...timing, totalMs: 3610 })).toBe(
    "cold 3.61 s · 600 tests and 409 modules stay loaded",
  );
  expect(describeRun({ ...record, way: "resumed", reason: "src/shop/db.py has changed", coldMs: null }, timing)).toBe(
    "warm 0.21 s · src/shop/db.py has changed",
  );
  expect(
    describeRun({ ...record, way: "plain", reason: "--pdb needs a terminal" }, { ...timing, replaced: "0.0.9" }),
  ).toBe("plain pytest 0.21 s · no warm run: --pdb needs a terminal · replaced the daemon of prewarm 0.0.9");
});
