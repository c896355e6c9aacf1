import { z } from "zod";
import { EDIT_CLASSES } from "./events.ts";

const text = z.string();
const count = z.int().nonnegative();
const milliseconds = z.number().nonnegative();
const way = z.enum(["cold", "warm", "patched", "resumed", "plain"]);
const outcome = z.enum(["passed", "failed", "error", "skipped", "xfailed", "xpassed"]);
const counts = z.partialRecord(outcome, count).describe("How many tests ended how, without zeros.");
const exit = z.int().nullable().describe("pytest's exit code, or 128 + a signal; null for a run that was superseded.");

const record = z.object({
  exit,
  way,
  reason: text,
  durationMs: milliseconds,
  firstTestMs: milliseconds.nullable(),
  tests: count,
  modules: count,
  reimported: count.optional(),
  patched: count.optional(),
  coldMs: milliseconds.nullable(),
  unfinished: count,
});

const fileEdit = z.object({
  path: text,
  kind: z.enum(["created", "modified", "deleted"]),
  class: z.enum(EDIT_CLASSES).optional(),
  what: text.optional(),
});

/** A refusal, or what kept a run from a verdict. */
export const httpProblem = z.object({ code: text, sentence: text, next: text });

/** A run of this daemon, whoever asked for it. */
export const httpRun = z.object({
  id: text,
  state: z.enum(["running", "finished"]),
  args: z.array(text).describe("pytest's arguments."),
  cwd: text,
  startedMs: milliseconds.describe("Milliseconds since 1970."),
  endedMs: milliseconds.nullable().describe("The same; null while it runs."),
  selection: z.enum(["all", "affected", "chosen"]).nullable(),
  selected: count.describe("How many tests were selected so far."),
  counts,
  record: record.nullable(),
  problem: httpProblem.nullable(),
  isOurs: z.boolean().describe("Whether it was asked for here, and can be cancelled here."),
});

/** What one test came to in one run. */
export const httpOutcome = z.object({
  id: text,
  outcome,
  durationMs: milliseconds,
  atMs: milliseconds.describe("When it was heard of: milliseconds since the run began."),
  worker: text.optional().describe("Missing where the leader runs all tests itself."),
  text: text.optional().describe("pytest's report of a failure."),
});

/** What runs of the served command have come to, and from which event on a reader misses nothing. */
const httpView = z.object({
  event: text.describe("Read events from here: as `Last-Event-ID`."),
  command: z.object({ words: z.array(text), cwd: text, root: text }),
  tests: z
    .object({
      ids: z.array(text),
      outcomes: z.array(outcome.nullable()),
      durationsMs: z.array(milliseconds),
      outdated: z.array(z.boolean()),
      runs: z
        .array(count)
        .describe("The number of the run that each was last selected for; 0 for none since HTTP is served."),
    })
    .describe("Every known test, in columns."),
  failing: z.array(z.object({ id: text, place: text, message: text, sinceMs: milliseconds })),
  run: z
    .object({
      number: count,
      way,
      reason: text,
      selection: z.enum(["all", "affected", "chosen"]),
      selected: count,
      finished: count,
      counts,
      broken: z.array(z.object({ id: text, text })),
      workers: count.describe("How many workers run them; 1 where one process does."),
      running: z.array(z.object({ id: text, sinceMs: milliseconds })).describe("Tests that run now, and since when."),
      newlyFailed: z.array(text),
      changes: z.array(text),
      reasons: z.record(text, text),
      record: record.nullable(),
    })
    .nullable(),
  edit: z.object({ files: z.array(fileEdit), atMs: milliseconds }).nullable(),
  watchedFiles: count,
  runTimes: z
    .array(z.object({ run: count, atMs: milliseconds }))
    .describe("When the runs of these numbers were last heard of."),
  queue: z
    .object({ current: text.nullable(), waiting: z.array(z.object({ run: text, event: z.unknown() })) })
    .describe("The run whose events are in the view, and events of others beside it that come after it."),
});

export type HttpView = Readonly<z.infer<typeof httpView>>;
export type HttpRun = Readonly<z.infer<typeof httpRun>>;
export type HttpOutcome = Readonly<z.infer<typeof httpOutcome>>;
export type HttpProblem = Readonly<z.infer<typeof httpProblem>>;

/** The bodies of answers, by the name that the document gives them. */
export const httpAnswers = {
  Problem: z.object({ error: httpProblem }),
  Run: httpRun,
  Runs: z.object({ runs: z.array(httpRun) }),
  RunOutcomes: z.object({
    outcomes: z.array(httpOutcome),
    broken: z.array(z.object({ id: text, text })).describe("Files and folders that do not collect."),
  }),
  Tests: z.object({ tests: z.array(text), broken: z.array(z.object({ id: text, text })), exit }),
  Outcomes: z.object({
    outcomes: z.array(z.object({ id: text, outcome, durationMs: milliseconds })),
  }),
  Failures: z.object({
    failures: z.array(
      z.object({ id: text, outcome: z.enum(["failed", "error"]), run: text, atMs: milliseconds, text }),
    ),
  }),
  Edits: z.object({
    files: z.array(z.object({ path: text, count, lastMs: milliseconds })).describe("The last edited one comes last."),
    last: z.array(fileEdit).describe("What was edited before the last run that an edit led to."),
  }),
  Trunk: z.object({ trunks: z.array(z.looseObject({ command: text, python: text, tests: count, modules: count })) }),
  Status: z.looseObject({ version: text, pid: count, root: text, upMs: milliseconds, lastRecord: record.nullable() }),
  History: z.object({
    runs: z.array(
      z.object({
        id: count,
        atMs: milliseconds,
        args: z.array(text),
        cwd: text,
        counts,
        record: record.omit({ modules: true, coldMs: true, reimported: true, patched: true }),
      }),
    ),
  }),
  View: httpView,
  Test: z.object({
    id: text,
    failure: z
      .object({ run: text, atMs: milliseconds, text })
      .nullable()
      .describe("pytest's report, where the test failed in the last run that it was in."),
    source: z
      .object({ path: text, line: count, lines: z.array(text) })
      .nullable()
      .describe("The test's own lines; `line` is the number of the first one."),
    past: z
      .array(z.object({ run: count, outcome, durationMs: milliseconds }))
      .describe("Its outcomes on record, the newest first; `run` is that of `GET /history`."),
  }),
  Timeline: z.object({
    steps: z.array(
      z.object({
        kind: z.enum(["module", "library", "rewritten", "conftest", "testfile"]),
        name: text,
        ownMs: milliseconds.describe("Until the next one begins: what it imports is not in it."),
      }),
    ),
  }),
  Past: z.object({
    flaky: z
      .array(
        z.object({
          id: text,
          runs: count,
          failures: count,
          recent: z.array(z.boolean()).describe("Its latest runs, the oldest first: whether each has failed."),
          lastFailedMs: milliseconds,
          conditions: z.array(text).describe("What goes with its failures more than with its other runs."),
        }),
      )
      .describe("Tests that have passed and failed on the same code, those that fail most often first."),
    slower: z
      .array(
        z.object({
          id: text,
          beforeMs: milliseconds,
          nowMs: milliseconds,
          durationsMs: z.array(milliseconds).describe("The oldest first."),
          sinceRun: count,
        }),
      )
      .describe("Tests that take clearly longer in their latest runs than before."),
    slowest: z.array(z.object({ id: text, usualMs: milliseconds })).describe("Those that usually take longest."),
  }),
  Watched: z.object({
    isWatched: z.boolean().describe("Where nobody watches, no edit is noticed before the next run."),
  }),
  Watch: z.object({ ids: count.nullable().describe("How many tests were asked for by id; null for all.") }),
  Opened: z.object({ editor: text.describe("The program that was started.") }),
  Why: z.object({ lines: z.array(text) }),
} as const;

export type HttpAnswerName = keyof typeof httpAnswers;

/** The body of an answer of this name. */
export type HttpAnswer<Name extends HttpAnswerName> = Readonly<z.infer<(typeof httpAnswers)[Name]>>;

const bounded = text.max(4_096);

/** What requests carry. Members that are not known are refused, so that a misspelt one does not run everything. */
export const httpRequests = {
  run: z.strictObject({
    ids: z.array(bounded).max(100_000).optional().describe("Node ids; without them, all that the command selects."),
    path: bounded.optional().describe("A part of the test file's path."),
    name: bounded.optional().describe("A keyword expression, as pytest's -k takes it."),
    affected: z
      .enum(["learn", "only"])
      .optional()
      .describe("`learn` notes what tests depend on, `only` runs what edits can affect since."),
  }),
  watch: z.strictObject({ ids: z.array(bounded).max(100_000).optional().describe("Node ids; without them all.") }),
  editor: z.strictObject({
    path: bounded.min(1).describe("Relative to the folder that node ids are relative to, or absolute."),
    line: z.number().int().min(1).max(10_000_000).default(1),
  }),
  command: z.strictObject({
    command: z
      .array(bounded)
      .min(1)
      .max(1_000)
      .describe("A pytest command of the form that is served: `pytest ARGS` or `python -m pytest ARGS`."),
  }),
  historyQuery: z.strictObject({ limit: z.coerce.number().int().min(1).max(1_000).default(100) }),
  outcomesQuery: z.strictObject({ outcome: outcome.optional() }),
  whyQuery: z.strictObject({ about: text.max(1_024).optional() }),
  testQuery: z.strictObject({ id: text.max(4_096) }),
  noQuery: z.strictObject({}),
} as const;

export type HttpRunRequest = Readonly<z.infer<typeof httpRequests.run>>;
