import type { Database } from "./database.ts";

/** So many edits are kept, whatever the number of their files. */
const MOST_EDITS = 5000;

/** A file that was edited, how often, and when last (epoch, milliseconds). */
export interface EditCount {
  readonly path: string;
  readonly count: number;
  readonly lastMs: number;
}

/** Adds one edit of each of these absolute paths; within a transaction. */
export function addEdits(database: Database, paths: readonly string[], atMs: number): void {
  for (const path of paths) database.run("INSERT INTO edits (path, at_ms) VALUES (?, ?)", path, atMs);
  database.run("DELETE FROM edits WHERE id <= (SELECT max(id) FROM edits) - ?", MOST_EDITS);
}

/** Every file that was edited; the one that was edited last comes last. */
export function countEdits(database: Database): readonly EditCount[] {
  return database
    .all("SELECT path, count(*) AS count, max(at_ms) AS last_ms FROM edits GROUP BY path ORDER BY max(id)")
    .map(({ path, count, last_ms }) => ({ path: String(path), count: Number(count), lastMs: Number(last_ms) }));
}
