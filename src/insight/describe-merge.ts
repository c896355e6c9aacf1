import type { Outcome } from "../protocol/events.ts";
import { formatCount, formatNumber } from "../report/format-count.ts";
import { formatTime } from "../report/format-time.ts";
import type { MergedRun } from "./merge-results.ts";

const ORDER: readonly Outcome[] = ["failed", "error", "passed", "skipped", "xfailed", "xpassed"];
const BAD = new Set<Outcome>(["failed", "error"]);

/** The report of a merged run: each failure with pytest's own text, what is flaky, and the verdict last. */
export function describeMerge(run: MergedRun): readonly string[] {
  const entries = [...run.tests];
  const bad = entries.filter(([, { outcome }]) => BAD.has(outcome));
  const flaky = entries.filter(([, { isFlaky }]) => isFlaky);
  const counts = ORDER.flatMap((outcome) => {
    const count = entries.filter(([, test]) => test.outcome === outcome).length;
    return count === 0 ? [] : [`${formatNumber(count)} ${outcome}`];
  });
  if (run.broken.length > 0) counts.unshift(`${formatCount(run.broken.length, "file")} did not collect`);
  const workMs = entries.reduce((sum, [, { durationMs }]) => sum + durationMs, 0);
  const mark = run.exit === 0 ? "✓" : "✗";
  return [
    ...run.broken.flatMap(({ id, text }) => [`✗ ${id} did not collect`, text.trimEnd(), ""]),
    ...bad.flatMap(([id, { outcome, text }]) => [`✗ ${id} ${outcome}`, text.trimEnd(), ""]),
    ...flaky.map(([id, { outcome }]) => `~ ${id} ${outcome} in its last try, not so before`),
    `${mark} ${counts.join(", ") || "no tests"} · ${formatCount(run.shares, "share")} · ${formatTime(workMs)} of tests · exit code ${run.exit}`,
  ];
}
