import { formatCount, formatNumber } from "../report/format-count.ts";
import { formatAge } from "../report/format-time.ts";
import type { FlakyTest } from "./flaky.ts";
import { rateOf } from "./repetitions.ts";

/** Flaky tests as a person reads them; each with its rate, its latest runs, and what goes with its failures. */
export function describeFlaky(tests: readonly FlakyTest[], runs: number, nowMs: number): readonly string[] {
  if (tests.length === 0) {
    return [`no test is known to have passed and failed on the same code, in ${formatCount(runs, "run")}`];
  }
  return [
    `${formatCount(tests.length, "test")} passed and failed on the same code:`,
    ...tests.flatMap((test) => [
      `~ ${test.id}`,
      `    fails ${rateOf(test.failures, test.runs)}: ${formatNumber(test.failures)} of ${formatCount(test.runs, "run")} · ${marks(test)} · last ${formatAge(nowMs - test.lastFailedMs)} ago, in run ${test.lastFailedRun}`,
      ...test.conditions.map(
        ({ what, failures, others }) =>
          `    ${what}: in ${failures} of ${formatCount(test.failures, "failure")}, in ${others} of ${formatCount(test.others, "other run")}`,
      ),
    ]),
  ];
}

/** The latest runs of a test, the oldest first: `✓✓✗✓`. */
function marks({ recent }: FlakyTest): string {
  return recent.map((failed) => (failed ? "✗" : "✓")).join("");
}
