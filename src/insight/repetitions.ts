import type { Outcome, RunEvent, RunRecord } from "../protocol/events.ts";
import { formatCount, formatNumber } from "../report/format-count.ts";
import { formatTime } from "../report/format-time.ts";

/** What one test came to in all runs. */
export interface Repeated {
  readonly id: string;
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
  /** The first run, from 1, in which it did not do what it mostly does well; with pytest's report where it failed. */
  readonly firstFailure: { readonly run: number; readonly text: string } | undefined;
}

const FAILING: ReadonlySet<Outcome> = new Set(["failed", "error"]);

/** Counts what the same tests come to in many runs, each in a process of its own. */
export class Repetitions {
  readonly #tests = new Map<
    string,
    { outcomes: Partial<Record<Outcome, number>>; firstFailure: Repeated["firstFailure"] }
  >();
  #runs = 0;
  #failedRuns = 0;

  add(event: RunEvent): void {
    if (event.type === "collect-failed") this.#count(event.id, "error", event.text);
    if (event.type === "test-finished") this.#count(event.id, event.outcome, event.text ?? "");
  }

  /** A run has ended with this exit code. */
  end(exit: RunRecord["exit"]): void {
    this.#runs += 1;
    if (exit !== 0) this.#failedRuns += 1;
  }

  get runs(): number {
    return this.#runs;
  }

  get failedRuns(): number {
    return this.#failedRuns;
  }

  /** Tests that had more than one outcome: the same code, and no other test's process. */
  get unsteady(): readonly Repeated[] {
    return this.#all().filter(({ outcomes }) => Object.keys(outcomes).length > 1);
  }

  /** Tests that failed whenever they ran. */
  get broken(): readonly Repeated[] {
    return this.#all().filter(({ outcomes }) => Object.keys(outcomes).every((each) => FAILING.has(each as Outcome)));
  }

  #all(): readonly Repeated[] {
    return [...this.#tests].map(([id, known]) => ({ id, ...known }));
  }

  #count(id: string, outcome: Outcome, text: string): void {
    const known = this.#tests.get(id) ?? { outcomes: {}, firstFailure: undefined };
    known.outcomes[outcome] = (known.outcomes[outcome] ?? 0) + 1;
    if (FAILING.has(outcome)) known.firstFailure ??= { run: this.#runs + 1, text };
    this.#tests.set(id, known);
  }
}

/** What many runs came to, in a line for all and one for each test that was not the same in all of them. */
export function describeRepetitions(repetitions: Repetitions, tookMs: number): readonly string[] {
  const { runs, failedRuns, unsteady, broken } = repetitions;
  const rate = tookMs > 0 ? Math.round((runs * 60_000) / tookMs) : 0;
  const passed =
    failedRuns === 0 ? "all passed" : `${formatNumber(runs - failedRuns)} passed, ${formatNumber(failedRuns)} failed`;
  return [
    `${failedRuns === 0 ? "✓" : "✗"} ${formatCount(runs, "run")} in ${formatTime(tookMs)}, each in a process of its own: ${passed} (${formatNumber(rate)} a minute)`,
    ...unsteady.map((test) => `~ ${test.id}   ${describeOutcomes(test)}`),
    ...broken.map((test) => `✗ ${test.id}   ${describeOutcomes(test)}`),
  ];
}

function describeOutcomes({ outcomes, firstFailure }: Repeated): string {
  const all = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  const parts = Object.entries(outcomes).map(([outcome, count]) => `${outcome} ${formatNumber(count)}`);
  const failures = (outcomes.failed ?? 0) + (outcomes.error ?? 0);
  const first = firstFailure === undefined ? "" : `, first in run ${firstFailure.run}`;
  return `${parts.join(", ")} of ${formatNumber(all)}${failures > 0 ? ` (fails ${rateOf(failures, all)}${first})` : ""}`;
}

/** A rate as a person reads it: `1.5 %`. */
export function rateOf(part: number, all: number): string {
  const percent = (100 * part) / Math.max(all, 1);
  return `${percent >= 10 || percent === 0 ? Math.round(percent) : Number(percent.toPrecision(2))} %`;
}
