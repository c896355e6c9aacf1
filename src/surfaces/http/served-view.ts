import type { RunEvent } from "../../protocol/events.ts";
import type { HttpView } from "../../protocol/http-schema.ts";
import type { NodeId, RunId } from "../../protocol/ids.ts";
import { readFailure } from "../../report/format-failure.ts";
import { RunQueue } from "../../report/run-queue.ts";
import { applyEvents, EMPTY_VIEW, type RunView, type TestView } from "../../report/run-view.ts";
import type { Remembered, Standing } from "./house.ts";

/** The view copies its tests once for so many events, and at least once a second. */
const MOST_PENDING = 500;
const LONGEST_PENDING_MS = 1_000;

/** More runs than this are not told apart by their time. */
const MOST_RUN_TIMES = 1_000;

/** What has happened in runs of the served command, for a reader that comes in the middle. */
export class ServedView {
  readonly #queue = new RunQueue();
  readonly #now: () => number;
  readonly #runTimes = new Map<number, number>();
  #view: RunView;
  #pending: RunEvent[] = [];
  #pendingSinceMs = 0;

  /** Begins with what the last run of this command stands by. */
  constructor(now: () => number, standing: Standing = { tests: [], run: null }) {
    this.#now = now;
    const tests = standing.tests.map(({ id, outcome, durationMs, isOutdated, failure }): [NodeId, TestView] => {
      const failing = failure === null ? undefined : { ...readFailure(id, failure.text), sinceMs: failure.atMs };
      return [id as NodeId, { outcome, durationMs, failing, isOutdated, run: 0 }];
    });
    this.#view = applyEvents({ ...EMPTY_VIEW, tests: new Map(tests) }, eventsOf(standing), now());
  }

  add(run: string, event: RunEvent): void {
    const nowMs = this.#now();
    if (this.#pending.length === 0) this.#pendingSinceMs = nowMs;
    this.#pending.push(...this.#queue.take({ run, event }));
    const isOld = nowMs - this.#pendingSinceMs > LONGEST_PENDING_MS;
    if (event.type === "run-finished" || this.#pending.length >= MOST_PENDING || isOld) this.#apply();
  }

  /** What pytest collects now, in its order. What is only remembered says nothing about the files as they are now. */
  collected(ids: readonly string[], remembered: Remembered): void {
    this.#apply();
    const past = new Map(remembered);
    const known = (id: string): TestView => ({
      outcome: past.get(id)?.outcome,
      durationMs: past.get(id)?.durationMs ?? 0,
      ...{ failing: undefined, isOutdated: true, run: 0 },
    });
    const { tests } = this.#view;
    const now = ids.map((id): [NodeId, TestView] => [id as NodeId, tests.get(id as NodeId) ?? known(id)]);
    this.#view = { ...this.#view, tests: new Map(now) };
  }

  /** The view in columns; whoever reads events from here on misses nothing. */
  tell(): Omit<HttpView, "event" | "command"> {
    this.#apply();
    const { tests, run, edit, watchedFiles } = this.#view;
    const all = [...tests.values()];
    return {
      tests: {
        ids: [...tests.keys()],
        outcomes: all.map(({ outcome }) => outcome ?? null),
        durationsMs: all.map(({ durationMs }) => durationMs),
        outdated: all.map(({ isOutdated }) => isOutdated),
        runs: all.map((test) => test.run),
      },
      failing: [...tests].flatMap(([id, { failing }]) => (failing === undefined ? [] : [{ id, ...failing }])),
      run:
        run === undefined
          ? null
          : {
              ...run,
              running: [...run.running].map(([id, sinceMs]) => ({ id, sinceMs })),
              record: run.record ?? null,
              ...copies(run),
            },
      edit: edit === undefined ? null : { atMs: edit.atMs, files: [...edit.files] },
      watchedFiles,
      runTimes: [...this.#runTimes].map(([number, atMs]) => ({ run: number, atMs })),
      queue: { current: this.#queue.current, waiting: [...this.#queue.waiting] },
    };
  }

  #apply(): void {
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#pending = [];
    this.#view = applyEvents(this.#view, pending, this.#pendingSinceMs);
    const { run } = this.#view;
    if (run === undefined) return;
    this.#runTimes.set(run.number, this.#now());
    const [oldest] = this.#runTimes.size > MOST_RUN_TIMES ? this.#runTimes.keys() : [];
    if (oldest !== undefined) this.#runTimes.delete(oldest);
  }
}

/** A run that ended before anybody read its events, as it told them: its verdict is shown like that of any other. */
function eventsOf({ tests, run }: Standing): readonly RunEvent[] {
  if (run === null) return [];
  const { record, selection, broken } = run;
  const finished = tests.flatMap(({ id, outcome, durationMs, failure }): RunEvent[] =>
    outcome === undefined
      ? []
      : [{ type: "test-finished", id: id as NodeId, outcome, durationMs, text: failure?.text }],
  );
  // Its id was another daemon's, or nobody asks for it any more.
  const id = "" as RunId;
  return [
    { type: "run-started", run: id, way: record.way, reason: record.reason, selection },
    { type: "collected", ids: tests.map((test) => test.id as NodeId) },
    ...broken.map((file): RunEvent => ({ type: "collect-failed", ...file })),
    ...finished,
    { type: "run-finished", run: id, record },
  ];
}

// The schema's arrays are not readonly.
function copies({ broken, newlyFailed, changes, counts, reasons }: NonNullable<RunView["run"]>) {
  return {
    broken: [...broken],
    newlyFailed: [...newlyFailed],
    changes: [...changes],
    counts: { ...counts },
    reasons: { ...reasons },
  };
}
