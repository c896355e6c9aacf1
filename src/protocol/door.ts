import type { Choice, DaemonStatus } from "./api.ts";
import type { Problem } from "./errors.ts";
import type { Outcome, RunEvent, RunRecord } from "./events.ts";

/** What a door is opened with. */
export interface DoorOptions {
  /** A folder of the project; the working directory of its runs. */
  readonly cwd?: string;
  /** The pytest command, such as `["pytest", "tests"]` or `["python", "-m", "pytest"]`. */
  readonly command?: readonly string[];
  /** The interpreter; found as `prewarm run` finds it where it is left out. */
  readonly python?: string | undefined;
  /** How many workers share the tests of a run, as `-n` of `prewarm run` takes it: `auto`, `logical` or a number. */
  readonly workers?: string | undefined;
  /** How they share them, as `--dist` takes it. */
  readonly dist?: string | undefined;
  /** Keys of the configuration, each with its value as a flag of that name takes it: `{ on: "local:2" }`. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** How long a daemon that is started for this door stays when it is idle. */
  readonly ttlSeconds?: number | undefined;
}

/** A run that a door asks for. Everything that is left out is as in the command that the door was opened with. */
export interface RunWish {
  /** pytest's arguments, in place of those that the door was opened with. */
  readonly args?: readonly string[];
  /** Arguments in addition to those. */
  readonly more?: readonly string[];
  /** Which of the tests that they select; without it all. */
  readonly choice?: Choice;
  /**
   * `learn` notes what each test depends on; `only` runs those alone that edits can affect since their last run that was
   * noted, and all that are not known. Without it nothing is noted.
   */
  readonly affected?: "learn" | "only";
  /** Standard input comes from `DoorRun.input`, and one process runs all tests; without it tests read an end of file. */
  readonly input?: boolean;
}

/** Who takes what happens in a run that a door has asked for. */
export interface RunWatcher {
  readonly onEvent?: (event: RunEvent) => void;
  readonly onOutput?: (stream: "stdout" | "stderr", bytes: Uint8Array) => void;
}

/** How a run ended: with a verdict, or with the reason why there is none. */
export type DoorEnd =
  | { readonly kind: "finished"; readonly record: RunRecord; readonly problem: Problem | null }
  | { readonly kind: "failed"; readonly problem: Problem };

/** A run that was asked for. */
export interface DoorRun {
  readonly finished: Promise<DoorEnd>;
  /** Lets pytest end and report, as ctrl-c does. */
  readonly cancel: () => void;
  /** Its standard input, where that was asked for: what a debugger or a test reads. */
  readonly input?: DoorInput;
}

export interface DoorInput {
  /** False where it takes nothing: it has ended, or a mebibyte is unread. */
  readonly write: (bytes: Uint8Array) => boolean;
  /** Nothing follows. */
  readonly end: () => void;
}

/** A test whose last run failed, with pytest's report; one whose file does not collect has the outcome `error`. */
export interface LastFailure {
  readonly id: string;
  readonly outcome: Extract<Outcome, "failed" | "error">;
  /** The run that said so, and when that was (milliseconds since 1970). */
  readonly run: string;
  readonly atMs: number;
  readonly text: string;
}

/** What every surface can ask of a project's daemon, whichever process the surface runs in. */
export interface Door {
  /** Runs tests. Runs of one door do not wait for each other. */
  readonly start: (wish: RunWish, watcher?: RunWatcher) => DoorRun;
  readonly status: () => Promise<DaemonStatus>;
  /** Explains the last decision about what an edit affects; `about` is a node id, a path, or empty. */
  readonly why: (about: string) => Promise<readonly string[]>;
  /** Tests that failed in the last run that they were in, whoever asked for it. */
  readonly failures: () => Promise<readonly LastFailure[]>;
}
