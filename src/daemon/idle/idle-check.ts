import { type IdlePlan, type IdleRun, planIdleCheck } from "../../plan/idle-check.ts";
import type { FinishedRun, IdleCheckStatus, IdleComparison } from "../../protocol/api.ts";
import type { RunEvent } from "../../protocol/events.ts";
import { ownDefectWarning } from "../../report/idle-check-words.ts";
import type { Difference } from "../../report/verification.ts";
import { ColdRefused } from "../../verify/cold-run.ts";
import { readLastComparison, writeLastComparison } from "../../verify/last-comparison.ts";
import type { Configuration } from "../configuration.ts";
import type { Places } from "../places.ts";
import type { LastRun } from "../runs/last-run.ts";
import type { Freshness } from "../timelines/freshness.ts";
import { type Found, look, removeLooks } from "./idle-look.ts";
import { isOnBattery } from "./power.ts";

/** While a look goes on, files are asked so often whether they have changed. */
const EDIT_PAUSE_MS = 500;
/** A timer that is set for less would be there too early. */
const SHORTEST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 60_000;

interface Parts {
  readonly places: Places;
  readonly configuration: Configuration;
  readonly freshness: Freshness;
  readonly lastRun: LastRun;
}

/**
 * What goes on beside runs.
 *
 *     busy ──last run ends──▶ waiting ──it is time──▶ looking ──▶ waiting
 *      ▲                         │                       │
 *      └────────a run begins─────┴───────────────────────┘
 */
type State =
  | { readonly kind: "busy" }
  | { readonly kind: "waiting"; readonly timer: NodeJS.Timeout | undefined; readonly why: string }
  | { readonly kind: "looking"; readonly abort: AbortController; readonly over: Promise<void>; readonly tests: number };

/** What is known of the comparisons of one run. */
interface Known {
  readonly mark: object;
  readonly compared: Set<string>;
  suspects: readonly Difference[];
  tooShortMs: number;
  refusal: string | undefined;
  /** What is found later shall not hide it. */
  hasDefect: boolean;
}

/** Compares what the last run stands by with cold runs, while nothing is asked of the daemon. */
export class IdleCheck {
  readonly #parts: Parts;
  readonly #bornMs = performance.now();
  #quietSinceMs = performance.now();
  #spentMs = 0;
  #runs = 0;
  #state: State = { kind: "waiting", timer: undefined, why: "no run is remembered" };
  #known: Known | undefined;
  #last: IdleComparison | null;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#last = readLastComparison(parts.places.stateFolder);
    removeLooks(parts.places.stateFolder);
  }

  get status(): IdleCheckStatus {
    const percent = this.#parts.configuration.idlePercent;
    return { percent, last: this.#last, doing: this.#doing() };
  }

  /** Something was asked for: resolves when no process of a look is left. What it returns is disposed of at its end. */
  async yieldTo(): Promise<Disposable> {
    this.#runs += 1;
    const before = this.#state;
    this.#state = { kind: "busy" };
    if (before.kind === "waiting") clearTimeout(before.timer);
    if (before.kind === "looking") {
      before.abort.abort();
      await before.over;
    }
    return {
      [Symbol.dispose]: () => {
        this.#runs -= 1;
        if (this.#runs > 0) return;
        this.#quietSinceMs = performance.now();
        this.#plan();
      },
    };
  }

  /** A defect that no run has told of yet; it is told once. */
  takeWarning(): RunEvent | undefined {
    const last = this.#last;
    if (last === null || last.verdict !== "different" || last.isTold) return undefined;
    this.#keep({ ...last, isTold: true });
    return { type: "warning", ...ownDefectWarning(last) };
  }

  /** Ends a look, and makes no other. */
  end(): void {
    if (this.#state.kind === "waiting") clearTimeout(this.#state.timer);
    if (this.#state.kind === "looking") this.#state.abort.abort();
    this.#state = { kind: "busy" };
  }

  #doing(): string {
    switch (this.#state.kind) {
      case "busy":
        return "a run goes on";
      case "waiting":
        return this.#state.why;
      case "looking":
        return `runs ${this.#state.tests} tests cold`;
      default:
        return this.#state satisfies never;
    }
  }

  #plan(): void {
    const plan = this.#choose();
    switch (plan.kind) {
      case "never":
        this.#state = { kind: "waiting", timer: undefined, why: plan.reason };
        break;
      case "later": {
        const waitMs = Math.min(Math.max(plan.atMs - performance.now(), SHORTEST_WAIT_MS), LONGEST_WAIT_MS);
        this.#state = { kind: "waiting", timer: setTimeout(() => this.#plan(), waitMs), why: plan.reason };
        break;
      }
      case "look":
        this.#begin(plan);
        break;
      default:
        plan satisfies never;
    }
  }

  #choose(): IdlePlan {
    const { configuration, lastRun } = this.#parts;
    const { mark } = lastRun;
    if (mark !== this.#known?.mark) this.#known = mark === null ? undefined : nothingKnown(mark);
    const percent = configuration.idlePercent;
    const facts = {
      ...{ nowMs: performance.now(), bornMs: this.#bornMs, quietSinceMs: this.#quietSinceMs, spentMs: this.#spentMs },
      // Nothing of this is looked at where it is off.
      ...{ percent, isOnBattery: percent > 0 && isOnBattery() },
    };
    if (this.#known?.refusal !== undefined) return { kind: "never", reason: this.#known.refusal };
    return planIdleCheck({
      ...facts,
      run: percent > 0 && this.#known !== undefined ? this.#describe(this.#known) : null,
    });
  }

  #describe({ compared, suspects, tooShortMs }: Known): IdleRun | null {
    const { freshness, lastRun } = this.#parts;
    const run = lastRun.tell(freshness);
    if (run === null) return null;
    const ids = Object.keys(run.outcomes).filter((id) => !id.startsWith("collect:"));
    const keys = suspects.map(({ key }) => key).filter((key) => key in run.outcomes);
    return {
      ...{ way: run.record.way, exit: run.record.exit, args: run.launch.args, compared, tooShortMs },
      ...{ changed: run.changed, startMs: run.record.way === "cold" ? run.record.firstTestMs : run.record.coldMs },
      tests: ids.map((id) => ({ id, durationMs: lastRun.durationOf(id) })),
      suspects: suspects.length === 0 ? undefined : keys.length === suspects.length ? new Set(keys) : null,
    };
  }

  #begin({ ids, limitMs }: Extract<IdlePlan, { kind: "look" }>): void {
    const { freshness, lastRun } = this.#parts;
    const known = this.#known;
    const run = lastRun.tell(freshness);
    if (known === undefined || run === null) return;
    const abort = new AbortController();
    const over = this.#look(known, run, ids, abort, limitMs);
    this.#state = { kind: "looking", abort, over, tests: ids?.length ?? Object.keys(run.outcomes).length };
  }

  async #look(
    known: Known,
    run: FinishedRun,
    ids: readonly string[] | null,
    abort: AbortController,
    limitMs: number,
  ): Promise<void> {
    const { freshness, lastRun, places } = this.#parts;
    const startMs = performance.now();
    const limit = setTimeout(() => {
      known.tooShortMs = limitMs;
      abort.abort();
    }, limitMs);
    const edits = setInterval(() => {
      if (lastRun.whyChanged(freshness) !== null) abort.abort();
    }, EDIT_PAUSE_MS);
    try {
      const { suspects, compared: comparedBefore } = known;
      const found = await look(places.stateFolder, { run, ids, suspects, comparedBefore, abort: abort.signal });
      if (lastRun.whyChanged(freshness) === null) this.#take(known, found);
    } catch (error) {
      if (error instanceof ColdRefused) known.refusal = `${error.message} would be written or chosen again`;
      // What is not the abort is told, and not tried again.
      else if (!abort.signal.aborted) {
        known.refusal = "the cold run failed: prewarm logs";
        places.log(`idle check: ${error instanceof Error ? error.stack : String(error)}`);
      }
    } finally {
      clearTimeout(limit);
      clearInterval(edits);
      this.#spentMs += performance.now() - startMs;
    }
    if (this.#runs === 0 && this.#state.kind === "looking") this.#plan();
  }

  #take(known: Known, { comparison, compared, differences }: Found): void {
    known.suspects = differences;
    if (differences.length === 0) for (const id of compared) known.compared.add(id);
    // A difference that has been seen once only is no news yet.
    const isNews = comparison.verdict === "different" || !known.hasDefect;
    if (comparison.verdict === "different") known.hasDefect = true;
    if (differences.length === 0 && isNews) this.#keep(comparison);
    const found = differences.length === 0 ? comparison.verdict : `${differences.length} differences, to be confirmed`;
    const { command, compared: count, of } = comparison;
    this.#parts.places.log(`idle check of ${command}: ${found}, ${count} of ${of} outcomes`);
  }

  #keep(comparison: IdleComparison): void {
    this.#last = comparison;
    try {
      writeLastComparison(this.#parts.places.stateFolder, comparison);
    } catch (error) {
      this.#parts.places.log(`idle check: ${String(error)}`);
    }
  }
}

function nothingKnown(mark: object): Known {
  return { mark, compared: new Set(), suspects: [], tooShortMs: 0, refusal: undefined, hasDefect: false };
}
