import { z } from "zod";
import type { Choice, DebugpyWish, Measure, ProgramKind, RepeatWish, WorkersWish } from "./api.ts";
import { EDIT_CLASSES, LEAK_KINDS } from "./events.ts";
import { sourceFacts } from "./sources.ts";

/** Version of what the daemon and the Python agent say to each other; `agent/prewarm/_process.py` has the same. */
export const PROTOCOL_VERSION = 18;

const count = z.number().int().nonnegative();
const text = z.string();
const ranges = z.array(count).refine((numbers) => numbers.length % 2 === 0);
const cost = z.tuple([z.number(), z.number()]);
const outcome = z.enum(["passed", "failed", "error", "skipped", "xfailed", "xpassed"]);

/**
 * Kind, name, path, milliseconds since the trunk's start, and the file's signature: mtime (ns), size, inode, ctime (ns); at last the
 * SHA-256 of its content where the file was so young that a later version could have the same signature. `changed` names what was
 * another one at the end of a segment, or in the midst of it, than just before its first use. `database` has what was in it before it was
 * opened in the place of the inode. `left` is what the timeline has written, as it was at the end of a segment: name is `file` or `database`,
 * for which the hash is the version of its log; a size of -2 means that it counts no more.
 */
const event = z.tuple([
  z.enum([
    "module",
    "library",
    "rewritten",
    "missing",
    "search",
    "conftest",
    "testfile",
    "open",
    "database",
    "list",
    "presence",
    "env",
    "patched",
    "made",
    "changed",
    "left",
  ]),
  text,
  text.nullable(),
  z.number(),
  text,
  z.number(),
  text,
  text,
  text.optional(),
]);

/** Which worker has noted it; the leader where there is none. Each of them counts its names from 0. */
const byWorker = { worker: text.optional() };

/** What an edit of a file was found to be. */
const judged = { path: text, class: z.enum(EDIT_CLASSES), what: text };

const place = z.object({
  kind: z.enum(["start", "packages", "module", "conftest", "testfile"]),
  name: text,
  path: text.nullable(),
  index: count,
  atMs: z.number(),
});

/** What a leader or worker of a watched run tells of the tests that it runs. */
export const recordMessages = [
  /** Texts that the next messages name by their place in all texts of this run, or of this worker in it. */
  z.object({ type: z.literal("names"), names: z.array(text), ...byWorker }),
  /** Functions that were executed outside of tests: start and length of each range of names. */
  z.object({ type: z.literal("ran-outside"), functions: ranges, ...byWorker }),
  /** What a test depends on that ends just now: comes before its `finished`. */
  z.object({
    type: z.literal("depends"),
    id: text,
    /** Null where not all functions are known. */
    functions: ranges.nullable(),
    /** Names of files and their versions, with a line break between. */
    opened: z.array(count),
    /** The same of source files. */
    loaded: z.array(count),
    /** Why it has to run after every edit, or empty. */
    always: text,
    ...byWorker,
  }),
  /** These count from here on as executed by every test that ends, until `released`: they are not told one by one. */
  z.object({ type: z.literal("held"), functions: ranges, ...byWorker }),
  z.object({ type: z.literal("released"), ...byWorker }),
  /** What a fixture did after these tests were told that use it: mostly when it was torn down. */
  z.object({
    type: z.literal("owned"),
    ids: z.array(text),
    functions: ranges,
    opened: z.array(count),
    always: text,
    ...byWorker,
  }),
  /** The run came to its end, or a worker in it: all fixtures are torn down, and everything is told. A leader that has lost a worker tells no end. */
  z.object({
    type: z.literal("recorded"),
    /** Files and folders of the project that tests have made, written or removed. */
    made: z.array(text),
    ...byWorker,
  }),
] as const;

/** Every message that a Python process may send; anything else ends its connection. */
export const agentMessage = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("hello"),
    protocol: count,
    role: z.enum(["trunk", "leader", "reader", "host"]),
    id: text,
    pid: count,
  }),
  z.object({ type: z.literal("timeline"), first: count, events: z.array(event) }),
  z.object({ type: z.literal("parked"), at: place, child: text }),
  z.object({ type: z.literal("unparked"), child: text, reason: text }),
  z.object({
    type: z.literal("tip"),
    index: count,
    atMs: z.number(),
    isSafe: z.boolean(),
    obstacle: text.nullable(),
    /** What the timeline has made, and the index of the event before: a run that removes it makes a later one fail. */
    made: z.array(z.tuple([text, count])),
    failed: z.array(text),
    notAhead: text.nullable(),
    root: text,
    configFile: text.nullable(),
    pytest: text,
    python: text,
  }),
  /** The fork of a tip that was to be patched has these modules as their files are now; its tip follows. */
  z.object({ type: z.literal("patched"), files: z.array(z.object({ ...judged, functions: count })) }),
  /** It has changed nothing, and ends: the first file that stands against it. */
  z.object({ type: z.literal("not-patched"), ...judged, reason: text }),
  z.object({ type: z.literal("no-pytest"), reason: text }),
  z.object({ type: z.literal("not-warm"), reason: text }),
  z.object({ type: z.literal("not-ahead"), reason: text }),
  /** A program wanted a checkpoint before this module, and there can be none. */
  z.object({ type: z.literal("no-checkpoint"), before: text, reason: text }),
  z.object({ type: z.literal("ended-early"), exit: z.number().int(), stdout: text, stderr: text }),
  z.object({ type: z.literal("refused"), reason: text }),
  z.object({ type: z.literal("leading") }),
  z.object({ type: z.literal("collected"), ids: z.array(text), isLast: z.boolean() }),
  z.object({ type: z.literal("collect-failed"), id: text, text }),
  /** All that is collected, when everybody has sorted and deselected; with the last part the leader waits for `select`. */
  z.object({ type: z.literal("choosing"), ids: z.array(text), isLast: z.boolean() }),
  ...recordMessages,
  /** An answer to `read`, in parts. */
  z.object({ type: z.literal("sources"), ask: count, sources: z.array(sourceFacts), isLast: z.boolean() }),
  z.object({ type: z.literal("started"), id: text }),
  z.object({
    type: z.literal("finished"),
    id: text,
    outcome,
    durationMs: z.number(),
    text: text.optional(),
    worker: text.optional(),
  }),
  /** One of several runs in forks of the leader has come to its end: pytest's exit code. The next one begins. */
  z.object({ type: z.literal("repeated"), exit: count }),
  /** What a test has cost, of a run that is measured; `worker` is empty where the leader ran it. Comes after its `finished`, or before. */
  z.object({
    type: z.literal("measured"),
    id: text,
    worker: text,
    /** Of a clock that all processes of the machine share. */
    startMs: z.number(),
    /** Milliseconds and processor milliseconds of set-up, call and tear-down. */
    phases: z.tuple([cost, cost, cost]),
    /** Name, file, line and scope of each fixture that was set up, and what that took without others that it has set up. */
    fixtures: z.array(z.tuple([text, text, count, text, z.number(), z.number()])),
    /** The functions in which most of the call was spent: name, file, line, calls, own milliseconds. */
    profile: z.array(z.tuple([text, text, count, count, z.number()])),
  }),
  /** Files of which a test has executed a function, and no test before it in this run has; that it starts processes. Comes after its `finished`. */
  z.object({ type: z.literal("executed"), id: text, files: z.array(text), startsProcesses: z.boolean() }),
  /** The leader is about to run the tests that it has collected, and waits for `workers`. */
  z.object({
    type: z.literal("parallel"),
    /** `auto`, `logical`, or a number. */
    workers: text,
    /** As pytest-xdist's `--dist`; empty for our own way. */
    dist: text,
    /** No more workers than this; 0 for no limit. */
    most: count,
    /** So many workers may be lost before the run ends; -1 where nobody has said. */
    restarts: z.number().int(),
    /** Whether even a single worker is to be a process of its own. */
    isGuarded: z.boolean(),
    /** The group of each test, in the order of `collected`. */
    scopes: z.array(count),
    /** What stands against nodes that run the tests, in words; of a run on nodes. */
    notOnNodes: text.optional(),
    /** Whether tests were left out for reasons that a node does not know, such as `--lf`; of a run on nodes. */
    isNarrowed: z.boolean().optional(),
  }),
  /** A worker has run so many more of its tests, which has taken it that long. */
  z.object({
    type: z.literal("worked"),
    worker: text,
    done: count,
    busyMs: z.number(),
    /** Those without a failure: place, outcome, milliseconds. The others have a `finished` of their own. */
    tests: z.array(z.tuple([count, outcome, z.number()])),
    /** The place of the test that it runs now. */
    running: count.nullable(),
  }),
  /** A worker has ended in the middle: how, and the place of the test that it ran. The leader waits for `workers`. */
  z.object({ type: z.literal("worker-lost"), worker: text, how: text, place: count.nullable() }),
  /** A worker on a node has left, with nothing more to do. */
  z.object({ type: z.literal("worker-left"), worker: text }),
  /** The leader at home asks for the end of all workers on nodes: after the test that runs, or in its middle. */
  z.object({ type: z.literal("end-workers"), how: z.enum(["stop", "interrupt"]) }),
  /** The leader of a node passes on what a worker tells the leader at home, in parts. */
  z.object({ type: z.literal("relayed"), worker: text, text, isLast: z.boolean() }),
  /** All workers of this node have left, and what they shared is torn down. */
  z.object({ type: z.literal("workers-left") }),
  /** This process cannot lead the workers of a node. */
  z.object({ type: z.literal("not-on-node"), reason: text }),
  /** A test stops in a debugger; with `asks` it waits for `debug` before it uses the terminal. */
  z.object({
    ...{ type: z.literal("debugging"), place: text, asks: z.boolean() },
    /** Of several workers: which one is in front, its test, and how many wait behind it. */
    ...{ worker: text.optional(), test: text.nullable().optional(), waiting: count.optional() },
  }),
  z.object({ type: z.literal("debugged") }),
  /** A leader needs a warm fixture that is made from this, and waits for `warm`. What is up may have failed its health check. */
  z.object({ type: z.literal("warm-ask"), key: text, fingerprint: text, isUnwell: z.boolean() }),
  /** It could not be set up. */
  z.object({ type: z.literal("warm-failed"), key: text }),
  /** A host has set one up: its value, marshalled, in base 64. */
  z.object({ type: z.literal("hosting"), key: text, fingerprint: text, value: text }),
  /** What the run has left behind, its processes ended by now; `more` beyond those that are told. */
  z.object({
    type: z.literal("leaked"),
    leaks: z.array(z.object({ kind: z.enum(LEAK_KINDS), what: text, owner: text, line: text })),
    more: count,
  }),
  /** What workarounds for libraries have raised, in a line each. */
  z.object({ type: z.literal("workaround-failed"), failures: z.array(text) }),
  z.object({ type: z.literal("ended"), exit: z.number().int(), newFiles: count }),
  z.object({ type: z.literal("reaped"), pid: count, exit: z.number().int().nullable(), signal: count.nullable() }),
]);

export type RecordMessage = z.infer<(typeof recordMessages)[number]>;
export type AgentMessage = z.infer<typeof agentMessage>;
export type TimelineEvent = z.infer<typeof event>;
export type CutPlace = z.infer<typeof place>;

/** Where a trunk leaves checkpoints: before these files, and before the first or each of a kind. */
export interface Cuts {
  readonly files: readonly string[];
  readonly conftests: boolean;
  readonly firstModule: boolean;
  readonly firstTest: boolean;
}

/** Installed modules to import before anything of the project, each with its file, and those that pytest has to rewrite. */
export interface Ahead {
  readonly modules: readonly (readonly [name: string, origin: string | null])[];
  readonly never: readonly string[];
}

/** What a leader needs to stand in for a plain pytest of its requester. */
export interface RunOrder {
  readonly type: "run";
  readonly id: string;
  readonly args: readonly string[];
  /** As in `Launch`. */
  readonly argv?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly umask: number;
  readonly requesterPid: number;
  readonly terminals: Readonly<Partial<Record<"stdin" | "stdout" | "stderr", string>>>;
  readonly choice: Choice;
  /** Whether pytest's output is wanted. Without it only what no event tells is printed. */
  readonly native: boolean;
  /** Whether the leader gets ready and then waits for `go` before anything of it can be seen. */
  readonly isHeld: boolean;
  /** Whether the leader tells what each test depends on, and lets the daemon choose among the collected tests. */
  readonly isWatched: boolean;
  /** What our own command line says of workers. */
  readonly workers: WorkersWish;
  readonly debugpy?: DebugpyWish;
  readonly measure?: Measure;
  /** Its tests run on nodes, whose workers tell this leader; all workers of a run have the id of the test run. */
  readonly onNodes?: { readonly testRun: string };
  /** It leads the workers of this node, for a leader elsewhere. */
  readonly node?: NodeOfRun;
  readonly repeat?: RepeatWish;
}

/** Which node of which run a leader stands for. */
export interface NodeOfRun {
  readonly name: string;
  readonly testRun: string;
  /** The working tree here, and at home: what is told home names the files there. */
  readonly root: string;
  readonly homeRoot: string;
  /** Whether home wants to know what each test depends on. */
  readonly isWatched: boolean;
}

/** How a timeline goes on after a checkpoint. */
export interface ResumeOrder {
  readonly type: "resume" | "grow";
  readonly id: string;
  readonly cuts: Cuts;
  /** Files whose cached bytecode proves nothing, because they changed while we watched. */
  readonly edited: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Paths and ids to collect from here on; null for all that the trunk was started with. */
  readonly args: readonly string[] | null;
  /** Of a program that is no pytest: whose surroundings it takes over from here on. */
  readonly run?: RunOrder;
  /** Whether the process leads one run itself when it has come to its tip: a fork less, and no tip is left. */
  readonly leads: boolean;
}

/** Asks a tip for a fork in which functions are replaced, so that these modules are as their files are now. */
export interface PatchOrder {
  readonly type: "patch";
  readonly id: string;
  readonly files: readonly string[];
  readonly leads: boolean;
}

/** From the daemon to a Python process. */
export type AgentOrder =
  | {
      readonly type: "start";
      readonly args: readonly string[];
      readonly script: string;
      readonly isModule: boolean;
      /** As in `Launch`. */
      readonly program?: readonly string[];
      readonly argv?: readonly string[];
      readonly command?: ProgramKind;
      readonly run?: RunOrder;
      readonly umask: number;
      readonly stateFolder: string;
      readonly cuts: Cuts;
      readonly edited: readonly string[];
      readonly ahead: Ahead;
      /** What libraries need around a fork, by the configuration: `library=module:name` each, with nothing behind it for nothing at all. */
      readonly workarounds: readonly string[];
      /** For a run that keeps nothing; null otherwise. */
      readonly plain: RunOrder | null;
    }
  | ResumeOrder
  | RunOrder
  /** A leader that was held goes on. */
  | { readonly type: "go" }
  /** The terminal is free for the debugger that asked for it. */
  | { readonly type: "debug" }
  | PatchOrder
  /** Lets a parked process fork a child ahead of its next `resume` or `patch`, which then goes to that child itself. */
  | { readonly type: "ready"; readonly id: string; readonly args: readonly string[] }
  /** Forks a leader ahead of its run; the run's order then goes to the leader itself. */
  | { readonly type: "spare"; readonly id: string; readonly args: readonly string[] }
  /** The answer to `choosing`: places in the list, in the order in which they run; null for all. */
  | { readonly type: "select"; readonly places: readonly number[] | null }
  /** The answer to `parallel` and `worker-lost`: workers to fork, none where the leader runs all tests itself or goes on without; `count` of them in all. */
  | { readonly type: "workers"; readonly names: readonly string[]; readonly count: number }
  /** A worker runs these tests, by their places in `collected`, after those that it has; with the last of them it ends. */
  | { readonly type: "assign"; readonly worker: string; readonly places: readonly number[]; readonly isLast: boolean }
  /** The run ends when the tests that run just now have ended. */
  | { readonly type: "stop"; readonly reason: string }
  /** What a worker on a node tells the leader at home: the text of `relayed`. */
  | { readonly type: "relayed"; readonly worker: string; readonly text: string; readonly isLast: boolean }
  /** A worker is lost with its node: what it has told of a test that has not ended counts for nothing. */
  | { readonly type: "gone"; readonly worker: string; readonly how: string }
  /** These tests are handed out once more; they may have run. */
  | { readonly type: "repeated"; readonly places: readonly number[] }
  /** To the leader of a node: its workers end after the test that they run, or in its middle. */
  | { readonly type: "end-workers"; readonly how: "stop" | "interrupt" }
  /** To a leader with workers on nodes, and to the leaders there: nothing more comes. */
  | { readonly type: "over" }
  /** The answer to `warm-ask`: the value of what is up, as `hosting` told it; null where the leader is to set it up. */
  | { readonly type: "warm"; readonly value: string | null }
  /** To the source reader: asks what these files are. */
  | { readonly type: "read"; readonly ask: number; readonly paths: readonly string[] }
  /** Asks how a child ended that is about to end. */
  | { readonly type: "reap"; readonly pid: number }
  /** The answer to a fork's hello. One that gets none is not waited for, and ends. */
  | { readonly type: "welcome" }
  | { readonly type: "exit" };
