import type { PastRunFacts } from "../protocol/past.ts";

/** What runs from kept checkpoints have taken, beside what cold runs of the same arguments took. */
export interface Ledger {
  /** Runs that are in it: warm, patched and resumed ones of which a cold run is on record. */
  readonly runs: number;
  readonly tookMs: number;
  readonly coldMs: number;
  /** What was not spent: the sum of the differences; a run that took longer than a cold one counts against it. */
  readonly savedMs: number;
  /** By day (`2026-11-21`, in the machine's own zone), the newest first. */
  readonly days: readonly { readonly day: string; readonly runs: number; readonly savedMs: number }[];
}

const KEPT: ReadonlySet<PastRunFacts["way"]> = new Set(["warm", "patched", "resumed"]);

/** Adds up what runs did not spend. Those that were superseded, and those without a cold run on record, count nothing. */
export function keepLedger(runs: readonly PastRunFacts[], dayOf: (atMs: number) => string = localDay): Ledger {
  const entries = runs.flatMap(({ way, exit, coldMs, durationMs, atMs }) =>
    KEPT.has(way) && exit !== null && coldMs !== null ? [{ coldMs, durationMs, day: dayOf(atMs) }] : [],
  );
  const saved = (some: typeof entries) => some.reduce((sum, { coldMs, durationMs }) => sum + coldMs - durationMs, 0);
  return {
    runs: entries.length,
    tookMs: entries.reduce((sum, { durationMs }) => sum + durationMs, 0),
    coldMs: entries.reduce((sum, { coldMs }) => sum + coldMs, 0),
    savedMs: saved(entries),
    days: [...Map.groupBy(entries, ({ day }) => day)].map(([day, some]) => ({
      day,
      runs: some.length,
      savedMs: saved(some),
    })),
  };
}

function localDay(atMs: number): string {
  const at = new Date(atMs);
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}
