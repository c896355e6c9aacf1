import type { Outcome, RunEvent, RunRecord } from "../protocol/events.ts";
import { formatCount, formatNumber } from "./format-count.ts";
import { formatTime } from "./format-time.ts";

const ORDER: readonly Outcome[] = ["failed", "error", "passed", "skipped", "xfailed", "xpassed"];
const WORDS: Readonly<Record<Outcome, string>> = {
  failed: "failed",
  error: "in error",
  passed: "passed",
  skipped: "skipped",
  xfailed: "xfailed",
  xpassed: "xpassed",
};

/** Counts the outcomes of one run. */
export class Tally {
  readonly #counts = new Map<Outcome, number>();
  #brokenFiles = 0;
  #collected = 0;

  add(event: RunEvent): void {
    if (event.type === "test-finished") this.#counts.set(event.outcome, this.count(event.outcome) + 1);
    else if (event.type === "collect-failed") this.#brokenFiles += 1;
    else if (event.type === "collected") this.#collected += event.ids.length;
  }

  count(outcome: Outcome): number {
    return this.#counts.get(outcome) ?? 0;
  }

  get ran(): number {
    return [...this.#counts.values()].reduce((sum, each) => sum + each, 0);
  }

  get collected(): number {
    return this.#collected;
  }

  get brokenFiles(): number {
    return this.#brokenFiles;
  }

  /** `2 failed, 596 passed, 4 skipped`; empty where nothing ran. */
  describe(): string {
    return ORDER.filter((outcome) => this.count(outcome) > 0)
      .map((outcome) => `${formatNumber(this.count(outcome))} ${WORDS[outcome]}`)
      .join(", ");
  }
}

/** The verdict of one run: what kind it is, its words, and how it was served. */
export interface Verdict {
  readonly kind: "pass" | "fail" | "none" | "cancelled";
  readonly words: string;
  readonly served: string;
}

const NO_TESTS = 5;
const INTERRUPTED = 2;

/** Reads the verdict of a run from its record and its counts. The numbers add up to what was collected. */
export function readVerdict(record: RunRecord, tally: Tally): Verdict {
  const served = record.reason === "" || record.way === "warm" ? record.way : `${record.way}: ${record.reason}`;
  const outdated = Math.max(0, tally.collected - tally.ran);
  const words = [tally.describe()];
  if (tally.brokenFiles > 0) words.unshift(`${formatCount(tally.brokenFiles, "test file")} not collected`);
  if (outdated > 0) words.push(`${formatNumber(outdated)} not run`);
  const said = words.filter((part) => part !== "").join(", ");
  if (record.exit === null) return { kind: "cancelled", words: `superseded, ${said || "nothing ran"}`, served };
  if (record.exit === INTERRUPTED && tally.brokenFiles === 0) {
    return { kind: "cancelled", words: `interrupted, ${said || "nothing ran"}`, served };
  }
  if (record.exit === NO_TESTS) return { kind: "none", words: said || "no tests", served };
  if (record.exit === 0) {
    const isWhole = outdated === 0 && record.unfinished === 0 && tally.ran > 0;
    return {
      kind: "pass",
      words: isWhole ? `all ${formatNumber(tally.ran)} ran: ${said}` : said || "nothing ran",
      served,
    };
  }
  return { kind: "fail", words: said || `exit code ${record.exit}`, served };
}

/** How long a run took from its edit or its request. */
export function clockOf(record: RunRecord): string {
  return formatTime(record.durationMs);
}
