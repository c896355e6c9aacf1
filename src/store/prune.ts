import type { Database } from "./database.ts";

/** What the history keeps at most. */
export interface Bounds {
  readonly runs: number;
  /** Outcomes of single tests in single runs. */
  readonly outcomes: number;
  /** Tests whose last outcome is known; parametrized ids can be new in every run. */
  readonly tests: number;
}

/** About 40 MB. */
export const BOUNDS: Bounds = { runs: 5000, outcomes: 200_000, tests: 100_000 };

/** Forgets the oldest runs, outcomes and tests until the bounds hold again; within a transaction. */
export function prune(database: Database, bounds: Bounds): void {
  database.run("DELETE FROM runs WHERE id <= (SELECT max(id) FROM runs) - ?", bounds.runs);
  const oldest = database.get(
    `SELECT min(id) AS run FROM (SELECT id, sum(recorded) OVER (ORDER BY id DESC) AS sum FROM runs) WHERE sum <= ?`,
    bounds.outcomes,
  )?.run;
  // Where even the newest run is larger than all that may be kept, it is kept alone.
  const from = oldest ?? database.get("SELECT max(id) AS run FROM runs")?.run;
  if (from != null) database.run("DELETE FROM outcomes WHERE run < ?", Number(from));
  database.run(
    "DELETE FROM tests WHERE id IN (SELECT id FROM tests ORDER BY run DESC, id DESC LIMIT -1 OFFSET ?)",
    bounds.tests,
  );
}
