import type { NodeId } from "../protocol/ids.ts";
import type { Database } from "./database.ts";
import { addSuite, findSuite, type Suite } from "./suite.ts";

/** What one test depends on, in the form of whoever made it. */
export interface DependencyRow {
  readonly id: NodeId;
  /** A hash of the content, so that what is known already is not written again. */
  readonly hash: string;
  readonly data: Uint8Array;
}

/** Adds or replaces what tests depend on; within a transaction. */
export function saveDependencies(database: Database, suite: Suite, rows: readonly DependencyRow[]): void {
  const suiteId = addSuite(database, suite);
  for (const { id, hash, data } of rows) {
    database.run(
      `INSERT INTO dependencies (suite, name, hash, data) VALUES (?, ?, ?, ?)
       ON CONFLICT (suite, name) DO UPDATE SET hash = excluded.hash, data = excluded.data WHERE hash != excluded.hash`,
      ...([suiteId, id, hash, data] as const),
    );
  }
}

/** Forgets what these tests depended on; within a transaction. */
export function forgetDependencies(database: Database, suite: Suite, ids: readonly NodeId[]): void {
  const suiteId = findSuite(database, suite) ?? null;
  for (const id of ids) database.run("DELETE FROM dependencies WHERE suite = ? AND name = ?", suiteId, id);
}

/** What all tests of a suite depend on. */
export function loadDependencies(database: Database, suite: Suite): readonly DependencyRow[] {
  return database
    .all("SELECT name, hash, data FROM dependencies WHERE suite = ?", findSuite(database, suite) ?? null)
    .map(({ name, hash, data }) => ({ id: String(name) as NodeId, hash: String(hash), data: data as Uint8Array }));
}
