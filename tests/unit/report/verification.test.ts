import { expect, test } from "vitest";
import {
  type ColdSide,
  describeVerification,
  verifyOutcomes,
  type WarmSide,
} from "../../../src/report/verification.ts";

const WARM: WarmSide = {
  exit: 0,
  outcomes: new Map([
    ["test_a.py::test_1", "passed"],
    ["test_a.py::test_2", "skipped"],
  ]),
  selection: "all",
  outdated: new Set(),
  way: "warm",
  durationMs: 38,
};
const COLD: ColdSide = { exit: 0, outcomes: WARM.outcomes, isWhole: true, durationMs: 3_610 };
const keys = (warm: WarmSide, cold: ColdSide) => verifyOutcomes(warm, cold).differences.map(({ key }) => key);

test("equal sides are one line", () => {
  const found = verifyOutcomes(WARM, COLD);
  expect(describeVerification(found, WARM, COLD, undefined)).toEqual([
    "equal: 2 outcomes as in a cold run · cold 3.61 s, prewarm warm 38 ms",
  ]);
});

test("each difference is a line with both outcomes", () => {
  const cold = { ...COLD, exit: 1, outcomes: new Map([["test_a.py::test_1", "failed"]]) };
  const found = verifyOutcomes(WARM, cold);
  expect(describeVerification(found, WARM, cold, "/tmp/kept")).toEqual([
    "different: 2 of 2 outcomes · cold 3.61 s, prewarm warm 38 ms",
    "  test_a.py::test_1  prewarm passed, cold failed",
    "  test_a.py::test_2  prewarm skipped, cold absent",
    "  exit code          prewarm 0, cold 1",
    "kept: /tmp/kept",
    "A test that depends on the time, on chance or on what an earlier run has left behind differs between two cold runs, too.",
  ]);
});

test("a test that only the cold run has is a difference, unless nobody claims to know it", () => {
  const cold = { ...COLD, outcomes: new Map([...WARM.outcomes, ["test_b.py::test_new", "passed"]]) };
  expect(keys(WARM, cold)).toEqual(["test_b.py::test_new"]);
  expect(keys({ ...WARM, selection: "affected" }, cold)).toEqual(["test_b.py::test_new"]);
  expect(keys({ ...WARM, selection: "affected", outdated: new Set(["test_b.py::test_new"]) }, cold)).toEqual([]);
  expect(keys({ ...WARM, selection: "chosen" }, cold)).toEqual([]);
});

test("a watch's exit code is that of the tests that ran, and a cold run that stops early says nothing of the others", () => {
  const cold = { ...COLD, exit: 1, outcomes: new Map([["test_a.py::test_1", "passed"]]), isWhole: false };
  expect(keys({ ...WARM, selection: "affected" }, cold)).toEqual([]);
  expect(keys({ ...WARM, selection: "affected" }, { ...cold, isWhole: true })).toEqual(["test_a.py::test_2"]);
  expect(keys(WARM, cold)).toEqual(["test_a.py::test_2", "exit code"]);
});
