import { expect, test } from "vitest";
import { describeFlaky } from "../../../src/insight/describe-flaky.ts";
import { findFlaky } from "../../../src/insight/flaky.ts";
import type { NodeId } from "../../../src/protocol/ids.ts";
import type { Observation } from "../../../src/protocol/past.ts";

/** Observations of one test, the newest first: `x` failed, `.` passed; a space begins other code. */
function seen(marks: string, over: (run: number, failed: boolean) => Partial<Observation> = () => ({})): Observation[] {
  let code = 0;
  let run = 0;
  const all: Observation[] = [];
  for (const mark of marks) {
    if (mark === " ") code += 1;
    else {
      run += 1;
      const failed = mark === "x";
      all.push({
        ...{ id: "test_a" as NodeId, test: 1, run, atMs: 1000 * run, code: String(code), durationMs: 1 },
        ...{ outcome: failed ? "failed" : "passed", worker: "", after: null },
        ...over(run, failed),
      });
    }
  }
  return all.toReversed();
}

test("a test that passed and failed on the same code is flaky, with its rate over all runs", () => {
  expect(findFlaky(seen("... .x..... ..."))).toMatchObject([
    { id: "test_a", runs: 13, failures: 1, others: 12, lastFailedRun: 5, lastFailedMs: 5000, conditions: [] },
  ]);
});

test("one that fails since an edit is broken, and no flaky test", () => {
  expect(findFlaky(seen("... xxx ..."))).toEqual([]);
});

test("what goes with the failures is told, and what goes with all runs is not", () => {
  const [found] = findFlaky(
    seen("..x.x.....", (_, failed) => ({ worker: "gw0", after: (failed ? "test_bad" : "test_good") as NodeId })),
  );
  expect(found?.conditions).toEqual([{ what: "after test_bad", failures: 2, others: 0 }]);
});

test("workers are a condition where one process for all never fails", () => {
  const [found] = findFlaky(seen("..x.x.....", (run) => ({ worker: run < 6 ? "gw1" : "", after: "t" as NodeId })));
  expect(found?.conditions).toEqual([{ what: "in a worker", failures: 2, others: 3 }]);
});

test("a single failure has no condition of its own", () => {
  const [found] = findFlaky(seen("..x..", (_, failed) => ({ after: failed ? ("t" as NodeId) : null })));
  expect(found?.conditions).toEqual([]);
});

test("a line for the rate, and one for each condition", () => {
  const found = findFlaky(seen("..x.x.....", (_, failed) => ({ after: failed ? ("test_bad" as NodeId) : null })));
  expect(describeFlaky(found, 10, 65_000)).toEqual([
    "1 test passed and failed on the same code:",
    "~ test_a",
    "    fails 20 %: 2 of 10 runs · ✓✓✗✓✗✓✓✓✓✓ · last 1 min ago, in run 5",
    "    after test_bad: in 2 of 2 failures, in 0 of 8 other runs",
  ]);
  expect(describeFlaky([], 7, 0)).toEqual(["no test is known to have passed and failed on the same code, in 7 runs"]);
});
