import type { Database } from "./database.ts";

/** Whose tests they are: node ids are relative to pytest's root, and an outcome holds for one interpreter. */
export interface Suite {
  readonly python: string;
  /** pytest's rootdir. */
  readonly root: string;
}

/** The number of a suite in the other tables, or undefined where nothing of it is known. */
export function findSuite(database: Database, { python, root }: Suite): number | undefined {
  const id = database.get("SELECT id FROM suites WHERE python = ? AND root = ?", python, root)?.id;
  return id === undefined ? undefined : Number(id);
}

/** The same; one that is not known yet gets a number. */
export function addSuite(database: Database, suite: Suite): number {
  database.run("INSERT OR IGNORE INTO suites (python, root) VALUES (?, ?)", suite.python, suite.root);
  return findSuite(database, suite) ?? 0;
}
