import type { Choice } from "../../protocol/api.ts";
import { NO_CHOICE } from "../../protocol/api.ts";
import type { RunEvent, RunRecord } from "../../protocol/events.ts";
import type { NodeId, RunId } from "../../protocol/ids.ts";
import { formatClock } from "../../report/format-time.ts";
import { applyEvents, EMPTY_VIEW, forgetTests, type RunView } from "../../report/run-view.ts";
import { readVerdict, type Verdict } from "../../report/verdict.ts";
import { type ClockStart, startOfEdit } from "../../report/verdict-clock.ts";

/** An edit that comes this soon after a run may have been waiting for its end. */
const SOON_MS = 2_000;

/** What a watch knows: the view of its tests, what is chosen, when the clock began, and the last verdict. */
export class WatchLog {
  #view: RunView = EMPTY_VIEW;
  readonly #events: RunEvent[] = [];
  #choice: Choice = NO_CHOICE;
  #start: ClockStart;
  #verdict: Verdict | undefined;
  #isRunning = true;
  #endedMs = Number.NEGATIVE_INFINITY;
  #exit = 0;
  /** When the last run ended in which every file could be collected, and whether the last run was one. */
  #goodMs: number | undefined;
  #isBroken = false;

  constructor(startedMs: number) {
    this.#start = { kind: "key", atMs: startedMs };
  }

  /** The view with every event so far. */
  look(nowMs: number): RunView {
    if (this.#events.length > 0) this.#view = applyEvents(this.#view, this.#events.splice(0), nowMs);
    return this.#view;
  }

  get choice(): Choice {
    return this.#choice;
  }

  /** The time of the last state that was not broken, where the last run could not collect everything; else empty. */
  get goodAt(): string {
    return this.#isBroken && this.#goodMs !== undefined ? formatClock(new Date(this.#goodMs)) : "";
  }

  get start(): ClockStart {
    return this.#start;
  }

  /** Whether a run is under way: between its end and the next edit or choice none is. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  get verdict(): Verdict | undefined {
    return this.#verdict;
  }

  /** What the command ends with: pytest's exit code, but never 0 where the verdict was not good. */
  get exit(): number {
    return this.#exit;
  }

  take(event: RunEvent, nowMs: number): void {
    this.#events.push(event);
    if (event.type === "run-started") this.#isRunning = true;
    if (event.type !== "edit") return;
    this.#isRunning = true;
    const wasBusy = nowMs - this.#endedMs < SOON_MS;
    this.#start = startOfEdit(event.writtenMs, nowMs, wasBusy ? this.#start.atMs : nowMs);
    this.#choice = { ...this.#choice, ids: null };
  }

  /** A person has chosen what runs next. */
  choose(choice: Choice, nowMs: number): void {
    this.#choice = choice;
    this.#isRunning = true;
    this.#start = { kind: "key", atMs: nowMs };
  }

  /** The run has ended; undefined where something newer took its place. */
  end(record: RunRecord, nowMs: number): Verdict | undefined {
    let view = this.look(nowMs);
    // A command that is not told events of the end still has a verdict.
    if (view.run?.record === undefined) view = this.#view = applyEvents(view, [endOf(record)], nowMs);
    this.#endedMs = nowMs;
    if (record.exit === null) return undefined;
    this.#isRunning = false;
    this.#isBroken = (view.run?.broken.length ?? 0) > 0;
    if (!this.#isBroken) this.#goodMs = nowMs;
    this.#forgetGone(view, record);
    this.#verdict = readVerdict(this.#view, this.#choice);
    this.#exit = exitOf(this.#verdict, record.exit);
    return this.#verdict;
  }

  // A test that was chosen by its id and is not there has been deleted or renamed.
  #forgetGone({ run, tests }: RunView, record: RunRecord): void {
    const { ids } = this.#choice;
    if (ids === null || run?.selection !== "chosen" || run.broken.length > 0 || record.exit === null) return;
    if (record.exit !== 0 && record.exit !== 1) return;
    const gone = (ids as readonly NodeId[]).filter((id) => tests.has(id) && tests.get(id)?.run !== run.number);
    if (gone.length > 0 && this.#choice.path === "" && this.#choice.name === "")
      this.#view = forgetTests(this.#view, gone);
  }
}

const FAILED = 1;
const INTERRUPTED = 2;

function endOf(record: RunRecord): RunEvent {
  return { type: "run-finished", run: "" as RunId, record };
}

function exitOf({ kind }: Verdict, exit: number): number {
  if (exit !== 0) return exit;
  if (kind === "fail") return FAILED;
  return kind === "cancelled" ? INTERRUPTED : 0;
}
