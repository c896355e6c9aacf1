import type { Result } from "../../base/result.ts";
import type { Choice } from "../../protocol/api.ts";
import type { Door, DoorRun, RunWatcher, RunWish } from "../../protocol/door.ts";
import type { FileEdit, Outcome, RunEvent, RunRecord, Selection } from "../../protocol/events.ts";
import type { HttpAnswer } from "../../protocol/http-schema.ts";

/** The last outcome of each test in earlier runs. */
export type Remembered = Iterable<
  readonly [id: string, of: { readonly outcome: Outcome; readonly durationMs: number }]
>;

/** A test as the last run of the served command has left it; its outcome is unknown where it is outdated. */
export interface StandingTest {
  readonly id: string;
  readonly outcome: Outcome | undefined;
  readonly durationMs: number;
  readonly isOutdated: boolean;
  /** pytest's report, where it fails, and since when. */
  readonly failure: { readonly text: string; readonly atMs: number } | null;
}

/** What the last run of the served command stands by. */
export interface Standing {
  readonly tests: readonly StandingTest[];
  /** The run itself; null where files have changed since, or where what stands comes from several runs. */
  readonly run: {
    readonly record: RunRecord;
    readonly selection: Selection;
    readonly broken: readonly { readonly id: string; readonly text: string }[];
  } | null;
}

/** A run as somebody in the daemon sees it begin. */
export interface RunBegin {
  readonly args: readonly string[];
  readonly cwd: string;
}

/** Why no editor was opened. */
export type EditorRefusal =
  | { readonly kind: "no-file"; readonly sentence: string }
  | { readonly kind: "no-editor"; readonly sentence: string; readonly next: string };

/** What HTTP asks the daemon for, beside what every door can. */
export interface House extends Door {
  /** How the served command is started: a command line that is started in another way is refused. */
  readonly isModule: boolean;
  /** Runs as `start` does, and tells the run's id when it has one. */
  readonly startNamed: (wish: RunWish, watcher: RunWatcher, onBegin: (run: string) => void) => DoorRun;
  /** What a run with this wish begins with. */
  readonly beginOf: (wish: RunWish) => RunBegin;
  /** Whether somebody watches the served command. */
  readonly isWatched: () => boolean;
  /** Runs these in the watch of the served command that somebody has open, in place of a run in flight; false where there is none. */
  readonly again: (choice: Choice) => boolean;
  /** Lets a run of a watch end and report; false where it is none. */
  readonly interruptWatch: (run: string) => boolean;
  /** Listens to the events of all runs, until what this returns is called. */
  readonly listen: (listener: (run: string, event: RunEvent, begin: RunBegin) => void) => () => void;
  /** What the last run of the served command stands by; empty where another command ran since. */
  readonly standing: () => Standing;
  /** The last outcome of each test that is remembered from earlier runs. */
  readonly lastOutcomes: () => Remembered;
  /** The project's folder. */
  readonly root: string;
  /** The folder that node ids are relative to. */
  readonly testRoot: () => string;
  /** Opens a file below the project's folder, or below that of node ids, in the person's editor; returns its program. */
  readonly openEditor: (place: {
    readonly path: string;
    readonly line: number;
  }) => Promise<Result<string, EditorRefusal>>;
  /** The latest outcomes of one test, the newest first. */
  readonly pastOf: (
    id: string,
    most: number,
  ) => readonly { readonly run: number; readonly outcome: Outcome; readonly durationMs: number }[];
  /** What the timeline of the served command executes, in its order, with the time of each part by itself; empty where it is not known. */
  readonly timeline: () => HttpAnswer<"Timeline">["steps"];
  /** What is remembered of outcomes that came and went, and of the tests that take longest. */
  readonly past: () => Pick<HttpAnswer<"Past">, "flaky" | "slower" | "slowest">;
  readonly edits: () => readonly { readonly path: string; readonly count: number; readonly lastMs: number }[];
  /** The latest runs on record, the newest first. */
  readonly history: (most: number) => readonly {
    readonly id: number;
    readonly atMs: number;
    readonly args: readonly string[];
    readonly cwd: string;
    readonly counts: Readonly<Partial<Record<Outcome, number>>>;
    readonly record: Omit<RunRecord, "modules" | "coldMs">;
  }[];
}

export type LastEdit = readonly FileEdit[];
