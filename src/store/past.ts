import type { Outcome, Way } from "../protocol/events.ts";
import type { NodeId } from "../protocol/ids.ts";
import type { Observation, PastRunFacts, UsualDuration } from "../protocol/past.ts";
import type { Database, Row } from "./database.ts";

/** So many runs of one test are told at most. */
const MOST_OBSERVATIONS = 500;

/** So many of the latest runs show how long a test takes. */
const MOST_TIMES = 20;

/** The outcomes of tests that have passed and failed on the same code, the newest first. */
export function unsteadyOutcomes(database: Database): readonly Observation[] {
  return database
    .all(
      `WITH judged AS (
         SELECT outcomes.*, runs.code, runs.at_ms FROM outcomes JOIN runs ON runs.id = outcomes.run
         WHERE runs.code IS NOT NULL AND outcomes.outcome != 'skipped'
       ), unsteady AS (
         SELECT DISTINCT test FROM judged
         GROUP BY test, code HAVING min(outcome IN ('failed', 'error')) != max(outcome IN ('failed', 'error'))
       ), known AS (
         SELECT judged.*, row_number() OVER (PARTITION BY judged.test ORDER BY judged.run DESC) AS age
         FROM judged WHERE judged.test IN (SELECT test FROM unsteady)
       )
       SELECT known.*, tests.name, before.name AS before FROM known
       JOIN tests ON tests.id = known.test LEFT JOIN tests AS before ON before.id = known.after
       WHERE known.age <= ? ORDER BY known.run DESC, known.test`,
      MOST_OBSERVATIONS,
    )
    .map(toObservation);
}

/** The latest runs, the newest first. */
export function pastRuns(database: Database, most: number): readonly PastRunFacts[] {
  return database.all("SELECT * FROM runs ORDER BY id DESC LIMIT ?", most).map((row) => ({
    id: Number(row.id),
    atMs: Number(row.at_ms),
    args: JSON.parse(String(row.args)) as readonly string[],
    way: row.way as Way,
    exit: row.exit === null ? null : Number(row.exit),
    durationMs: Number(row.duration_ms),
    coldMs: row.cold_ms === null ? null : Number(row.cold_ms),
    counts: JSON.parse(String(row.counts)) as PastRunFacts["counts"],
  }));
}

/** The tests that usually take longest, the longest first. */
export function slowestTests(database: Database, most: number): readonly UsualDuration[] {
  return database
    .all("SELECT name, usual_ms FROM tests ORDER BY usual_ms DESC LIMIT ?", most)
    .map(({ name, usual_ms }) => ({ id: String(name) as NodeId, usualMs: Number(usual_ms) }));
}

function toObservation(row: Row): Observation {
  return {
    id: String(row.name) as NodeId,
    test: Number(row.test),
    run: Number(row.run),
    atMs: Number(row.at_ms),
    code: String(row.code),
    outcome: row.outcome as Outcome,
    durationMs: Number(row.duration_ms),
    worker: String(row.worker ?? ""),
    after: row.before === null ? null : (String(row.before) as NodeId),
  };
}

/** How long the tests that usually take longest took in their latest runs, whatever they came to but skipped; the oldest first. */
export function timesOfSlowest(
  database: Database,
  most: number,
): readonly { readonly id: string; readonly durationsMs: readonly number[]; readonly runs: readonly number[] }[] {
  const slowest = database.all("SELECT id, name FROM tests ORDER BY usual_ms DESC LIMIT ?", most);
  return slowest.map(({ id, name }) => {
    const rows = database
      .all(
        "SELECT run, duration_ms FROM outcomes WHERE test = ? AND outcome != 'skipped' ORDER BY run DESC LIMIT ?",
        ...[Number(id), MOST_TIMES],
      )
      .toReversed();
    return {
      id: String(name),
      durationsMs: rows.map((row) => Number(row.duration_ms)),
      runs: rows.map(({ run }) => Number(run)),
    };
  });
}
