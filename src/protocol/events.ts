import type { NodeId, RunId } from "./ids.ts";

/** What pytest says of one test; `error` is a failure in set-up or tear-down. */
export type Outcome = "passed" | "failed" | "error" | "skipped" | "xfailed" | "xpassed";

/**
 * How a run was served: `cold` from nothing, `warm` from the tip, `patched` from the tip with the edited functions
 * replaced, `resumed` from an earlier checkpoint, `plain` by a pytest that keeps nothing.
 */
export type Way = "cold" | "warm" | "patched" | "resumed" | "plain";

/** What an edit of one file can affect; `docs/design/edits.md` tells them apart. */
export const EDIT_CLASSES = [
  "same",
  "cosmetic",
  "body",
  "structural",
  "test file",
  "data",
  "configuration",
  "broken",
] as const;
export type EditClass = (typeof EDIT_CLASSES)[number];

/** Why these tests run: `all` that the command line selects, those `affected` by an edit, those a person has `chosen`. */
export type Selection = "all" | "affected" | "chosen";

/** One change of a file since a trunk read it; `path` is relative to the project's root where it lies below it. */
export interface FileEdit {
  readonly path: string;
  readonly kind: "created" | "modified" | "deleted";
  /** What the edit can affect, and that in words ("body of discount()"); missing while it is not known. */
  readonly class?: EditClass;
  readonly what?: string;
}

/** Files were saved: told before the run that it leads to, when it is known what the edit can affect. */
export interface EditEvent {
  readonly type: "edit";
  readonly files: readonly FileEdit[];
  /** When the newest of them was written, in milliseconds since 1970; null where no time of the disk tells. */
  readonly writtenMs: number | null;
}

/** Milliseconds that passed, and processor milliseconds that were used meanwhile: by this process and by children that have ended. */
export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** One set-up of a fixture, without that of others which it has asked for; `path` and `line` are those of its function. */
export interface FixtureCost extends Cost {
  readonly name: string;
  readonly path: string;
  readonly line: number;
  readonly scope: string;
}

/** A function in which the call of a test spent time: exact calls, and milliseconds without those of what it called. One in C has the place of its caller. */
export interface ProfileRow {
  readonly name: string;
  readonly path: string;
  readonly line: number;
  readonly calls: number;
  readonly ownMs: number;
}

/** What one test has cost. `startMs` is of a clock that all workers share, and has no meaning beside that. */
export interface TestCost {
  readonly id: NodeId;
  readonly worker?: string;
  readonly startMs: number;
  readonly setup: Cost;
  readonly call: Cost;
  readonly teardown: Cost;
  readonly fixtures: readonly FixtureCost[];
  readonly profile: readonly ProfileRow[];
}

/** What a run can leave behind; `folder` is the working directory, `temporary` a file or folder that `tempfile` made. */
export const LEAK_KINDS = [
  "process",
  "thread",
  "socket",
  "file",
  "temporary",
  "variable",
  "folder",
  "sys.path",
] as const;

/** One thing that a test or fixture began and did not end. */
export interface Leak {
  readonly kind: (typeof LEAK_KINDS)[number];
  /** A command line, a thread's name, an address, a path, a variable's name. */
  readonly what: string;
  /** A node id, `fixture NAME`, or `this run`. */
  readonly owner: string;
  /** File and line in the project where it began; empty where that is not known. */
  readonly line: string;
}

/** What happens in a run, in the order in which it happens: the only thing that surfaces see. */
export type RunEvent =
  | EditEvent
  | {
      readonly type: "run-started";
      readonly run: RunId;
      readonly way: Way;
      readonly reason: string;
      readonly selection: Selection;
    }
  /**
   * In a watch: which of the collected tests an edit can affect. The others keep their last outcome, and are not in
   * `collected`; `tests` counts both. `gone` exist no more, `outdated` are affected but could not be collected.
   */
  | {
      readonly type: "plan";
      readonly tests: number;
      readonly affected: number;
      readonly unaffected: number;
      readonly gone: readonly NodeId[];
      readonly outdated: readonly NodeId[];
      /** What has changed, by file, and why these tests run, in words; long lists are cut. */
      readonly changes: readonly string[];
      readonly reasons: Readonly<Record<string, string>>;
    }
  | { readonly type: "collected"; readonly ids: readonly NodeId[] }
  | { readonly type: "collect-failed"; readonly id: string; readonly text: string }
  /** `worker` is missing where the leader runs all tests itself. */
  | { readonly type: "test-started"; readonly id: NodeId; readonly worker?: string }
  | {
      readonly type: "test-finished";
      readonly id: NodeId;
      readonly outcome: Outcome;
      readonly durationMs: number;
      readonly text?: string | undefined;
      readonly worker?: string;
    }
  /** In a run that is repeated in forks: one of them has come to its end; what follows is of the next one. */
  | { readonly type: "repeated"; readonly exit: number }
  /** In a run that is measured. */
  | { readonly type: "measured"; readonly test: TestCost }
  /** Files of which a test has executed a function, and none before it in this run has. Only of a run that is asked for them. */
  | {
      readonly type: "executed";
      readonly id: NodeId;
      readonly files: readonly string[];
      readonly startsProcesses: boolean;
    }
  /** In a watch, and in a run that is measured: how many workers run its tests, and what limits their number, in words. */
  | { readonly type: "workers"; readonly count: number; readonly why: string }
  /** `leaks` is what was left behind, of a warning with that code. */
  | {
      readonly type: "warning";
      readonly code: string;
      readonly text: string;
      readonly next: string;
      readonly leaks?: readonly Leak[];
    }
  /** A test has stopped in a debugger, which reads from the requester's terminal; `place` is file and line, null when it goes on. */
  | {
      readonly type: "debugger";
      readonly place: string | null;
      readonly id: NodeId | null;
      /** Of several workers: the one that is in front, and how many have stopped and wait behind it. */
      readonly worker?: string;
      readonly waiting?: number;
    }
  /** In a watch: from here on an edit is noticed; how many files are looked at. */
  | { readonly type: "watching"; readonly files: number }
  | { readonly type: "run-finished"; readonly run: RunId; readonly record: RunRecord };

/** What is known of a run when it has ended. Times are milliseconds since the daemon had the request. */
export interface RunRecord {
  /** pytest's exit code, or 128 + the signal that ended it; null for a run that was superseded. */
  readonly exit: number | null;
  readonly way: Way;
  readonly reason: string;
  readonly durationMs: number;
  /** When the first test started, or null where none did. */
  readonly firstTestMs: number | null;
  /** Tests that were collected for this run, and modules of the project that stay loaded. */
  readonly tests: number;
  readonly modules: number;
  /** How many modules of the project were imported again, of a run that was served from a checkpoint. */
  readonly reimported?: number;
  /** How many functions got another body, of a run that was served by a patch. */
  readonly patched?: number;
  /** Duration of the recorded cold run of the same arguments, or null. */
  readonly coldMs: number | null;
  /** Selected tests without an outcome; empty unless the run was cut short. */
  readonly unfinished: number;
}
