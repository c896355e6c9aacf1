import type { Outcome, RunRecord, TestCost } from "../protocol/events.ts";
import type { Past } from "../protocol/past.ts";
import { formatCount, formatNumber } from "../report/format-count.ts";
import { formatSpan, formatTime } from "../report/format-time.ts";
import type { ImportFacts } from "./import-facts.ts";
import type { Ledger } from "./ledger.ts";

/** All that a report is made of. */
export interface ReportFacts {
  readonly project: string;
  readonly atMs: number;
  readonly past: Past;
  /** A run that was made for the report; missing where it is of the history alone. */
  readonly run?: {
    readonly command: string;
    readonly record: RunRecord;
    readonly tests: readonly TestCost[];
    readonly cores: number;
  };
  readonly imports?: ImportFacts;
}

const ORDER: readonly Outcome[] = ["failed", "error", "passed", "skipped", "xfailed", "xpassed"];

/** How many tests ended how, what is bad first: `1 failed, 213 passed`. */
export function countsInWords(counts: Readonly<Partial<Record<Outcome, number>>>): string {
  const parts = ORDER.flatMap((outcome) =>
    counts[outcome] === undefined ? [] : [`${formatNumber(counts[outcome])} ${outcome}`],
  );
  return parts.length === 0 ? "no test" : parts.join(", ");
}

/** What was saved, in a sentence. */
export function ledgerInWords({ runs, tookMs, coldMs, savedMs }: Ledger): string {
  if (runs === 0) return "nothing yet: no warm run has a cold one of the same arguments on record";
  const span = Math.abs(savedMs) < 60_000 ? formatTime(Math.abs(savedMs)) : formatSpan(Math.abs(savedMs));
  return `${formatCount(runs, "run")} took ${formatTime(tookMs)} where cold runs of the same arguments take ${formatTime(coldMs)}: ${span} ${savedMs < 0 ? "lost" : "not spent"}`;
}

/** What the newest run came to, and what fails now, whichever run said so: one failure anywhere is no success. */
export function headline({ project, past: { runs, failures } }: ReportFacts): string {
  const [last] = runs;
  if (last === undefined) return `${project}: no run is known`;
  const isBad = failures.length > 0 || (last.exit ?? 0) !== 0;
  const failing = failures.length > 0 ? `${formatNumber(failures.length)} failing · ` : "";
  return `${isBad ? "✗" : "✓"} ${project}: ${failing}last run ${countsInWords(last.counts)}`;
}
