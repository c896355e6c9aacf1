import type { AgentMessage, AgentOrder, NodeOfRun, RecordMessage } from "./agent-messages.ts";
import type { LastFailure } from "./door.ts";
import type { Problem } from "./errors.ts";
import type { Outcome, RunEvent, RunRecord, Selection } from "./events.ts";
import type { Past } from "./past.ts";

/** Version of what command line and daemon say to each other; a difference means: replace the daemon. */
export const API_VERSION = 12;

/** What Python is told to run that is no pytest: a file or folder, a module by its name (`-m`), or code (`-c`). */
export type ProgramKind = "script" | "module" | "code";

/** How the program is started: `pytest ARGS` by its console script, or `python -m pytest ARGS`. */
export interface Launch {
  readonly python: string;
  /** What `sys.argv[0]` is in a plain start: the console script's path, or that of `pytest/__main__.py`. Of a program: what `command` says. */
  readonly script: string;
  /** Where it is no pytest: what `script` is. */
  readonly command?: ProgramKind;
  /** Flags of the interpreter itself, for a program. */
  readonly flags?: readonly string[];
  readonly isModule: boolean;
  readonly args: readonly string[];
  /**
   * What stands behind `script` on the command line, where that is a program that calls pytest itself: it is executed, up to that call.
   */
  readonly program?: readonly string[];
  /** What stands behind the script in `sys.argv`, where a program has made that differ from `args`. */
  readonly argv?: readonly string[];
}

/** Whose surroundings a run takes over. A terminal is named by its device; other streams are relayed. */
export interface Requester {
  readonly pid: number;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly umask: number;
  readonly terminals: {
    readonly stdin?: string;
    readonly stdout?: string;
    readonly stderr?: string;
    /** Lent to a debugger, where the streams are relayed. */
    readonly debugger?: string;
  };
}

/** A limit on the tests of a command line: null or empty where there is none. */
export interface Choice {
  /** Node ids. One that does not exist any more is left out. */
  readonly ids: readonly string[] | null;
  /** A part of the test file's path, in any case of letters. */
  readonly path: string;
  /** A keyword expression, as pytest's `-k` takes it, in addition to that of the command line. */
  readonly name: string;
}

/** Every test that the command line selects. */
export const NO_CHOICE: Choice = { ids: null, path: "", name: "" };

/** What happens with what tests leave behind: it is told, it is an error of the test, or nobody looks. */
export type LeaksMode = "report" | "fail" | "off";

/** What a command line says of how tests run, mostly of workers; empty where it says nothing, and pytest's own options count. */
export interface WorkersWish {
  /** `auto`, `logical`, or a number. */
  readonly count: string;
  /** As pytest-xdist's `--dist`. */
  readonly dist: string;
  /** A test that takes longer has failed, and its worker is ended. */
  readonly timeoutS?: number | undefined;
  readonly leaks?: LeaksMode | undefined;
}

/** A debug server in the run's process, on a port of the loopback address (0: a free one); `wait` holds the tests back for an editor. */
export interface DebugpyWish {
  readonly port: number;
  readonly wait: boolean;
}

/**
 * What a run is asked to tell of its tests: what they cost, that with a profile of each call, of which files they have executed
 * functions (Python 3.12 and later), or only how many workers there would be.
 */
export type Measure = "times" | "profile" | "functions" | "workers";

/** Runs the same tests so often, each time in a fork of its own, which has collected nothing itself; `untilFail` ends that with the first failure. */
export interface RepeatWish {
  readonly count: number;
  readonly untilFail: boolean;
}

/** Says nothing of workers. */
export const NO_WISH: WorkersWish = { count: "", dist: "" };

/** Signals that end a program or tell it something, and that its command line passes on. */
export type PassedSignal = "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGQUIT" | "SIGUSR1" | "SIGUSR2";

/** From the command line to the daemon. The first message is `hello`. */
export type ApiRequest =
  | { readonly type: "hello"; readonly client: true; readonly api: number; readonly version: string }
  | {
      /** Runs once; with `watch` again after each edit, until the connection ends. */
      readonly type: "run";
      readonly launch: Launch;
      readonly requester: Requester;
      readonly watch: boolean;
      /** In a watch: runs all tests after each edit, not only those that it can affect. */
      readonly all: boolean;
      /** Whether `event` messages are wanted. */
      readonly events: boolean;
      /** Whether pytest's own output is wanted. Without it only what events do not tell is printed. */
      readonly native: boolean;
      /** Runs plain pytest and keeps nothing: why, or empty. */
      readonly plain: string;
      /** Which of the tests that the arguments select; without it all. */
      readonly choice?: Choice | undefined;
      /** `learn` notes what tests depend on, `only` runs what edits can affect since; of one connection, one after the other. */
      readonly affected?: "learn" | "only" | undefined;
      /** What the command line says of workers. */
      readonly workers?: WorkersWish | undefined;
      readonly debugpy?: DebugpyWish | undefined;
      readonly measure?: Measure | undefined;
      /** Where that cannot be, it runs once and tells of no `repeated`. */
      readonly repeat?: RepeatWish | undefined;
      /** Configuration that the command line gives, by the names of its keys; what it leaves out comes from elsewhere. */
      readonly settings?: Readonly<Record<string, string>> | undefined;
      /** The part of a run that this node takes: its leader is told by `node-order` and answers by `node-message`. */
      readonly node?: NodeOfRun | undefined;
    }
  /** To the leader of the run of a node. */
  | { readonly type: "node-order"; readonly order: NodeOrder }
  /** Whether the daemon is well. */
  | { readonly type: "ping" }
  /** In a watch: runs these now, in place of a run in flight. Path and name hold for the runs after later edits too. */
  | { readonly type: "again"; readonly choice: Choice }
  | { readonly type: "interrupt" }
  /** The same for a program, with what the command line has received. */
  | { readonly type: "signal"; readonly signal: PassedSignal }
  /** The terminal is free: the debugger that has stopped may use it. */
  | { readonly type: "debug" }
  /** What a terminal tells its foreground process, and a run without a controlling terminal would not hear. */
  | { readonly type: "terminal"; readonly change: "resized" | "suspended" | "resumed" }
  /** The person has been told what a daemon is. */
  | { readonly type: "greeted" }
  | { readonly type: "status" }
  /** Explains the last decision of a watch; `about` is a node id, a path relative to the project's root, or empty. */
  | { readonly type: "why"; readonly about: string }
  /** Tests that failed in the last run that they were in. */
  | { readonly type: "failures" }
  /** Serves HTTP on the loopback address until the connection ends; runs take these surroundings. Port 0 is a free one, null the configured one. */
  | {
      readonly type: "serve-http";
      readonly port: number | null;
      readonly launch: Launch;
      readonly requester: Requester;
      readonly workers: WorkersWish;
      /** Of a page that comes back after its daemon had left: the token that it has. */
      readonly token?: string | undefined;
      readonly settings?: Readonly<Record<string, string>> | undefined;
    }
  /** What is remembered of the project's runs. */
  | { readonly type: "past" }
  /** What the last run came to, for a comparison with a cold one. */
  | { readonly type: "last-run" }
  | { readonly type: "restart" }
  | { readonly type: "stop" };

/** What the leader of a node is told from home. */
export type NodeOrder = Extract<AgentOrder, { type: "select" | "workers" | "assign" | "end-workers" | "over" }>;

/** What the leader of a node tells home. */
export type NodeMessage = Extract<
  AgentMessage,
  { type: "collected" | "collect-failed" | "relayed" | "workers-left" | "not-on-node" | RecordMessage["type"] }
>;

/** A run that has ended, in whose surroundings it ran, and what prewarm stands by since. */
export interface FinishedRun {
  readonly launch: Launch;
  readonly requester: Pick<Requester, "cwd" | "env" | "umask">;
  readonly record: RunRecord;
  /** By node id; `collect:FILE` for a file that does not collect. */
  readonly outcomes: Readonly<Record<string, Outcome>>;
  /** Tests whose outcome is not known: affected, and not run to their end. */
  readonly outdated: readonly string[];
  readonly selection: Selection;
  /** What has changed since among what was loaded, in words; null where nothing has. */
  readonly changed: string | null;
}

/** From the daemon to the command line. */
export type ApiAnswer =
  | { readonly type: "hello"; readonly api: number; readonly version: string; readonly pid: number }
  | { readonly type: "output"; readonly stream: "stdout" | "stderr"; readonly data: string }
  | { readonly type: "progress"; readonly text: string }
  | { readonly type: "event"; readonly event: RunEvent }
  | {
      readonly type: "finished";
      readonly record: RunRecord;
      readonly problem: Problem | null;
      /** Whether a person has ever been told what this project's daemon is. */
      readonly greeted: boolean;
      /** How long the daemon stays when it is idle. */
      readonly ttlMs: number;
    }
  | { readonly type: "failed"; readonly problem: Problem }
  | { readonly type: "status"; readonly status: DaemonStatus }
  | { readonly type: "why"; readonly lines: readonly string[] }
  | { readonly type: "failures"; readonly failures: readonly LastFailure[] }
  | { readonly type: "past"; readonly past: Past }
  | { readonly type: "serving"; readonly url: string; readonly token: string }
  | { readonly type: "last-run"; readonly run: FinishedRun | null }
  | { readonly type: "node-message"; readonly message: NodeMessage }
  | { readonly type: "pong" }
  | { readonly type: "done" };

/** What a timeline executes between one checkpoint and the next. */
export interface StretchStatus {
  /** Installed modules. */
  readonly installed: number;
  /** The installed packages whose modules take longest, longest first; a few at most. */
  readonly packages: readonly string[];
  /** Modules of the project. */
  readonly modules: number;
  readonly conftests: number;
  readonly testFiles: number;
  readonly durationMs: number;
}

/** One parked process. Sizes are bytes (proportional set size, null where the system does not tell). */
export interface CheckpointStatus {
  readonly id: string;
  readonly pid: number;
  /** What runs next in it: a module, a conftest, a test file; `the tip` for the last one. */
  readonly before: string;
  readonly kind: "start" | "packages" | "module" | "conftest" | "testfile" | "tip";
  readonly isTip: boolean;
  /** Whether it leads to the newest tip; others hold the state before an edit. */
  readonly isCurrent: boolean;
  readonly ageMs: number;
  /** What comes next, up to the next checkpoint; null for a tip, and where no tip lies behind it. */
  readonly next: StretchStatus | null;
  /** Time that passed between this point and the tip when it was first gone through. */
  readonly rebuildMs: number | null;
  readonly pssBytes: number | null;
}

/** One timeline that is kept, and its checkpoints in the order of the timeline. */
export interface TrunkStatus {
  readonly command: string;
  readonly python: string;
  readonly pytest: string;
  readonly tests: number;
  readonly modules: number;
  readonly obstacle: string | null;
  /** What the tip would take without the others to share with (resident set size, bytes). */
  readonly tipRssBytes: number | null;
  readonly checkpoints: readonly CheckpointStatus[];
}

/** One comparison with a cold run that prewarm has made by itself while nothing was asked of it. */
export interface IdleComparison {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** The words of the command line. */
  readonly command: string;
  /** `unsteady` where a second cold run did not confirm the difference: it is chance, or another test's doing. */
  readonly verdict: "equal" | "unsteady" | "different";
  /** How many outcomes were compared, and how many the last run stands by. */
  readonly compared: number;
  readonly of: number;
  readonly differences: readonly { readonly key: string; readonly warm: string; readonly cold: string }[];
  /** The folder with both sides; null where they are equal. */
  readonly evidence: string | null;
  readonly coldMs: number;
  /** Whether a run has warned of it. */
  readonly isTold: boolean;
}

/** What prewarm does to check itself while nothing is asked of it. */
export interface IdleCheckStatus {
  /** Percent of the daemon's time that it may take; 0 where it is off. */
  readonly percent: number;
  /** What it does now, or waits for, in words. */
  readonly doing: string;
  readonly last: IdleComparison | null;
}

/** What the daemon holds. */
export interface DaemonStatus {
  readonly version: string;
  readonly pid: number;
  readonly root: string;
  readonly upMs: number;
  readonly ttlMs: number;
  readonly watchedFiles: number;
  readonly daemonPssBytes: number | null;
  readonly trunks: readonly TrunkStatus[];
  readonly lastRecord: RunRecord | null;
  readonly idleCheck: IdleCheckStatus;
}
