import type { Outcome } from "../protocol/events.ts";
import type { RunProgress, TestView } from "./run-view.ts";

/** What a surface says of one test. `not run` keeps its last outcome; the outcome of `outdated` is unknown. */
export const TEST_STATES = [
  "failed",
  "error",
  "passed",
  "skipped",
  "xfailed",
  "xpassed",
  "running",
  "queued",
  "not run",
  "outdated",
] as const;
export type TestState = (typeof TEST_STATES)[number];

/** The mark of each state, the same everywhere: with the colour gone nothing is lost. */
export const STATE_MARKS: Readonly<Record<TestState, string>> = {
  failed: "✗",
  error: "!",
  passed: "✓",
  skipped: "–",
  xfailed: "x",
  xpassed: "X",
  running: "❯",
  queued: "·",
  "not run": "○",
  outdated: "?",
};

/**
 * The state of a test beside the run in flight or the last one. An outcome is shown as such only where the test ran in that run;
 * a failure stays one until the test has run again.
 */
export function stateOf(test: TestView, run: RunProgress | undefined, isRunning: boolean): TestState {
  const isOfRun = run !== undefined && test.run === run.number;
  if (isRunning) return "running";
  if (test.isOutdated) return isOfRun && run.record === undefined ? "queued" : "outdated";
  const { outcome } = test;
  if (outcome === undefined) return "outdated";
  return isOfRun || isFailure(outcome) ? outcome : "not run";
}

function isFailure(outcome: Outcome): outcome is "failed" | "error" {
  return outcome === "failed" || outcome === "error";
}
