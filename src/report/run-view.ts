import type { FileEdit, Outcome, RunEvent, RunRecord, Selection, Way } from "../protocol/events.ts";
import type { NodeId } from "../protocol/ids.ts";
import { type Failure, readFailure } from "./format-failure.ts";

/** What is known of one test. Moments are milliseconds since 1970. */
export interface TestView {
  /** What its last finished run said; undefined where it has never finished. */
  readonly outcome: Outcome | undefined;
  readonly durationMs: number;
  /** Set while it fails: since when, where, and what it says. */
  readonly failing: (Failure & { readonly sinceMs: number }) | undefined;
  /** Whether it was to run and has not: its outcome is unknown. */
  readonly isOutdated: boolean;
  /** The number of the run that it was last selected for. */
  readonly run: number;
}

/** The run in flight, or the last one. */
export interface RunProgress {
  readonly number: number;
  readonly way: Way;
  readonly reason: string;
  readonly selection: Selection;
  /** How many tests were selected, and how many of them have an outcome. */
  readonly selected: number;
  readonly finished: number;
  readonly counts: Readonly<Partial<Record<Outcome, number>>>;
  readonly broken: readonly { readonly id: string; readonly text: string }[];
  /** How many workers run them; 1 where one process does. */
  readonly workers: number;
  /** Tests that run now, each with the moment of its start. */
  readonly running: ReadonlyMap<NodeId, number>;
  /** Tests that failed now and not in their last run. */
  readonly newlyFailed: readonly NodeId[];
  /** What had changed, and why some of these tests run, in the planner's own words; empty where nothing was planned. */
  readonly changes: readonly string[];
  readonly reasons: Readonly<Record<string, string>>;
  /** Set when the run has ended. */
  readonly record: RunRecord | undefined;
}

/** Everything that a surface shows of a watch. */
export interface RunView {
  readonly tests: ReadonlyMap<NodeId, TestView>;
  readonly run: RunProgress | undefined;
  readonly edit: { readonly files: readonly FileEdit[]; readonly atMs: number } | undefined;
  readonly watchedFiles: number;
}

/** A watch of which nothing is known yet. */
export const EMPTY_VIEW: RunView = { tests: new Map(), run: undefined, edit: undefined, watchedFiles: 0 };

const UNKNOWN: TestView = { outcome: undefined, durationMs: 0, failing: undefined, isOutdated: true, run: 0 };

type Draft = { tests: Map<NodeId, TestView>; hasOwnTests: boolean } & Pick<
  { -readonly [Member in keyof RunView]: RunView[Member] },
  "run" | "edit" | "watchedFiles"
>;

/** The view after these events. The tests are copied once a call: a surface gathers events between two looks at them. */
export function applyEvents(view: RunView, events: readonly RunEvent[], nowMs: number): RunView {
  const draft: Draft = { ...view, tests: view.tests as Map<NodeId, TestView>, hasOwnTests: false };
  for (const event of events) apply(draft, event, nowMs);
  const { tests, run, edit, watchedFiles } = draft;
  return { tests, run, edit, watchedFiles };
}

/** The view without tests that exist no more. */
export function forgetTests(view: RunView, ids: Iterable<NodeId>): RunView {
  const tests = new Map(view.tests);
  for (const id of ids) tests.delete(id);
  return { ...view, tests };
}

function apply(draft: Draft, event: RunEvent, nowMs: number): void {
  switch (event.type) {
    case "edit":
      draft.edit = { files: event.files, atMs: nowMs };
      break;
    case "run-started": {
      const { way, reason, selection } = event;
      draft.run = { ...begin(draft.run), way, reason, selection };
      break;
    }
    case "plan":
      plan(draft, event);
      break;
    case "collected":
      select(draft, event.ids);
      break;
    case "collect-failed":
      change(draft, ({ broken }) => ({ broken: [...broken, { id: event.id, text: event.text }] }));
      break;
    case "test-started":
      change(draft, ({ running }) => ({ running: new Map(running).set(event.id, nowMs) }));
      break;
    case "test-finished":
      finish(draft, event, nowMs);
      break;
    case "watching":
      draft.watchedFiles = event.files;
      break;
    case "run-finished":
      conclude(draft, event.record);
      break;
    case "workers":
      change(draft, () => ({ workers: event.count }));
      break;
    case "measured":
    case "executed":
    case "repeated":
    case "warning":
    case "debugger":
      break;
    default:
      event satisfies never;
  }
}

function begin(last: RunProgress | undefined): RunProgress {
  return {
    number: (last?.number ?? 0) + 1,
    way: "cold",
    reason: "",
    selection: "all",
    selected: 0,
    finished: 0,
    counts: {},
    broken: [],
    workers: 1,
    running: new Map(),
    newlyFailed: [],
    changes: [],
    reasons: {},
    record: undefined,
  };
}

function plan(draft: Draft, { gone, outdated, changes, reasons }: Extract<RunEvent, { type: "plan" }>): void {
  change(draft, () => ({ changes, reasons }));
  for (const id of gone) ownTests(draft).delete(id);
  // A run that came to nothing had made them doubtful; what this edit cannot affect is as it was before.
  for (const [id, test] of draft.tests) {
    if (test.isOutdated && test.outcome !== undefined) ownTests(draft).set(id, { ...test, isOutdated: false });
  }
  for (const id of outdated) ownTests(draft).set(id, { ...(draft.tests.get(id) ?? UNKNOWN), isOutdated: true });
}

function select(draft: Draft, ids: readonly NodeId[]): void {
  change(draft, ({ selected }) => ({ selected: selected + ids.length }));
  const number = draft.run?.number ?? 0;
  const tests = ownTests(draft);
  for (const id of ids) tests.set(id, { ...(tests.get(id) ?? UNKNOWN), isOutdated: true, run: number });
}

function finish(draft: Draft, event: Extract<RunEvent, { type: "test-finished" }>, nowMs: number): void {
  const { id, outcome, durationMs } = event;
  const tests = ownTests(draft);
  const before = tests.get(id) ?? UNKNOWN;
  const isFailing = outcome === "failed" || outcome === "error";
  const isNew = isFailing && before.failing === undefined;
  const sinceMs = before.failing?.sinceMs ?? nowMs;
  const failing = isFailing ? { ...readFailure(id, event.text ?? ""), sinceMs } : undefined;
  tests.set(id, { outcome, durationMs, failing, isOutdated: false, run: draft.run?.number ?? 0 });
  change(draft, ({ running, counts, finished, newlyFailed }) => {
    const left = new Map(running);
    left.delete(id);
    return {
      running: left,
      finished: finished + 1,
      counts: { ...counts, [outcome]: (counts[outcome] ?? 0) + 1 },
      newlyFailed: isNew ? [...newlyFailed, id] : newlyFailed,
    };
  });
}

function conclude(draft: Draft, record: RunRecord): void {
  const last = draft.run;
  // A run that ended before pytest took over has told nothing else.
  const run = last === undefined || last.record !== undefined ? { ...begin(last), reason: record.reason } : last;
  draft.run = { ...run, way: record.way, record, running: new Map() };
  if (run.selection !== "all" || record.exit === null) return;
  const isWhole = run.selected > 0 && run.broken.length === 0;
  for (const [id, test] of draft.tests) {
    if (test.run === run.number) continue;
    // Where everything was asked for, what was not collected is gone; unless nobody could say what there is.
    if (isWhole) ownTests(draft).delete(id);
    else if (!test.isOutdated) ownTests(draft).set(id, { ...test, isOutdated: true });
  }
}

function change(draft: Draft, make: (run: RunProgress) => Partial<RunProgress>): void {
  const run = draft.run ?? begin(undefined);
  draft.run = { ...run, ...make(run) };
}

function ownTests(draft: Draft): Map<NodeId, TestView> {
  if (!draft.hasOwnTests) draft.tests = new Map(draft.tests);
  draft.hasOwnTests = true;
  return draft.tests;
}
