import type { Outcome, RunRecord } from "../protocol/events.ts";
import type { NodeId } from "../protocol/ids.ts";
import type { Database, Row } from "./database.ts";
import { addSuite, findSuite, type Suite } from "./suite.ts";

/** How much the newest duration of a test moves the one that is called usual. */
const NEWEST_SHARE = 0.3;

/** From so many ids on, reading all tests of a suite is quicker than looking each of them up. */
const MANY_IDS = 200;

/** One test in one run. */
export interface TestOutcome {
  readonly id: NodeId;
  readonly outcome: Outcome;
  readonly durationMs: number;
  /** Missing where one process ran all tests. */
  readonly worker?: string | undefined;
  /** The test that the same process ran before it; missing where it was the first. */
  readonly after?: NodeId | undefined;
}

/** What a run was, for the history. */
export interface RunEntry {
  /** The same text stands for the same code; null where nothing tells. */
  readonly code?: string | null;
  /** Null where the run ended before pytest's root was known: such a run has no outcomes. */
  readonly suite: Suite | null;
  /** Wall clock (epoch, milliseconds) of its end. */
  readonly atMs: number;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly record: RunRecord;
  readonly outcomes: readonly TestOutcome[];
}

/** A run as it is remembered: `counts` has how many tests ended how, without zeros. */
export interface PastRun extends Omit<RunEntry, "outcomes" | "suite" | "record" | "code"> {
  readonly id: number;
  readonly record: Omit<RunRecord, "modules" | "coldMs">;
  readonly counts: Readonly<Partial<Record<Outcome, number>>>;
}

/** What is known of a test from the last run that it was in. */
export interface LastOutcome {
  readonly outcome: Outcome;
  readonly durationMs: number;
  /** The number of that run in the history. */
  readonly run: number;
}

/** Adds a run with its outcomes, and returns its number; within a transaction. */
export function addRun(
  database: Database,
  { suite, atMs, args, cwd, record, outcomes, code = null }: RunEntry,
): number {
  const suiteId = suite === null ? null : addSuite(database, suite);
  const { way, reason, exit, durationMs, firstTestMs, tests, unfinished, coldMs } = record;
  const counts = JSON.stringify(countOutcomes(outcomes));
  const recorded = suiteId === null ? 0 : outcomes.length;
  database.run(
    `INSERT INTO runs (suite, at_ms, args, cwd, way, reason, exit, duration_ms, first_test_ms, tests, unfinished, counts, recorded, code, cold_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[suiteId, atMs, JSON.stringify(args), cwd, way, reason, exit, durationMs, firstTestMs, tests, unfinished],
    ...[counts, recorded, code, coldMs],
  );
  const run = Number(database.get("SELECT last_insert_rowid() AS id")?.id);
  if (suiteId === null) return run;
  const numbers = new Map<NodeId, number>();
  for (const { id, outcome, durationMs: testMs, worker, after } of outcomes) {
    const test = database.get(
      `INSERT INTO tests (suite, name, run, outcome, duration_ms, usual_ms) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (suite, name) DO UPDATE SET run = excluded.run, outcome = excluded.outcome,
         duration_ms = excluded.duration_ms, usual_ms = iif(excluded.outcome = 'skipped', usual_ms, usual_ms + ${NEWEST_SHARE} * (excluded.usual_ms - usual_ms))
       RETURNING id`,
      ...[suiteId, id, run, outcome, testMs, testMs],
    );
    // A test that a plugin repeats ends several times in one run: the last time counts.
    const number = Number(test?.id);
    numbers.set(id, number);
    const before = after === undefined ? null : (numbers.get(after) ?? null);
    database.run(
      "INSERT OR REPLACE INTO outcomes (test, run, outcome, duration_ms, worker, after) VALUES (?, ?, ?, ?, ?, ?)",
      ...[number, run, outcome, testMs, worker ?? null, before],
    );
  }
  return run;
}

/** The latest runs, the newest first. */
export function latestRuns(database: Database, most: number): readonly PastRun[] {
  return database.all("SELECT * FROM runs ORDER BY id DESC LIMIT ?", most).map(toPastRun);
}

/** The last outcome of every test of a suite that was ever run, deleted tests included. */
export function lastOutcomes(database: Database, suite: Suite): ReadonlyMap<NodeId, LastOutcome> {
  const rows = database.all(
    "SELECT name, outcome, duration_ms, run FROM tests WHERE suite = ?",
    findSuite(database, suite) ?? null,
  );
  return new Map(rows.map((row) => [String(row.name) as NodeId, toLastOutcome(row)]));
}

/** The latest outcomes of one test, the newest first. */
export function recentOutcomes(database: Database, suite: Suite, id: NodeId, most: number): readonly LastOutcome[] {
  const rows = database.all(
    `SELECT outcomes.outcome, outcomes.duration_ms, outcomes.run FROM outcomes JOIN tests ON tests.id = outcomes.test
     WHERE tests.suite = ? AND tests.name = ? ORDER BY outcomes.run DESC LIMIT ?`,
    ...[findSuite(database, suite) ?? null, id, most],
  );
  return rows.map(toLastOutcome);
}

/** How long these tests usually take, in milliseconds; those that were never run are missing. */
export function usualDurations(database: Database, suite: Suite, ids: readonly NodeId[]): ReadonlyMap<NodeId, number> {
  const suiteId = findSuite(database, suite);
  if (suiteId === undefined) return new Map();
  const found = new Map<NodeId, number>();
  if (ids.length < MANY_IDS) {
    for (const id of ids) {
      const row = database.get("SELECT usual_ms FROM tests WHERE suite = ? AND name = ?", suiteId, id);
      if (row !== undefined) found.set(id, Number(row.usual_ms));
    }
    return found;
  }
  const wanted = new Set<unknown>(ids);
  for (const { name, usual_ms } of database.all("SELECT name, usual_ms FROM tests WHERE suite = ?", suiteId)) {
    if (wanted.has(name)) found.set(name as NodeId, Number(usual_ms));
  }
  return found;
}

function countOutcomes(outcomes: readonly TestOutcome[]): PastRun["counts"] {
  const counts: Partial<Record<Outcome, number>> = {};
  for (const { outcome } of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

function toLastOutcome({ outcome, duration_ms, run }: Row): LastOutcome {
  return { outcome: outcome as Outcome, durationMs: Number(duration_ms), run: Number(run) };
}

function toPastRun(row: Row): PastRun {
  return {
    id: Number(row.id),
    atMs: Number(row.at_ms),
    args: JSON.parse(String(row.args)) as readonly string[],
    cwd: String(row.cwd),
    counts: JSON.parse(String(row.counts)) as PastRun["counts"],
    record: {
      exit: numberOrNull(row.exit),
      way: row.way as RunRecord["way"],
      reason: String(row.reason),
      durationMs: Number(row.duration_ms),
      firstTestMs: numberOrNull(row.first_test_ms),
      tests: Number(row.tests),
      unfinished: Number(row.unfinished),
    },
  };
}

function numberOrNull(value: unknown): number | null {
  return value === null ? null : Number(value);
}
