import type { DatabaseSync } from "node:sqlite";

/** One step each; a released one is never changed. The database's `user_version` counts those that it has gone through. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE suites (id INTEGER PRIMARY KEY, python TEXT NOT NULL, root TEXT NOT NULL, UNIQUE (python, root));
  CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    suite INTEGER,
    at_ms INTEGER NOT NULL,
    args TEXT NOT NULL,
    cwd TEXT NOT NULL,
    way TEXT NOT NULL,
    reason TEXT NOT NULL,
    exit INTEGER,
    duration_ms REAL NOT NULL,
    first_test_ms REAL,
    tests INTEGER NOT NULL,
    unfinished INTEGER NOT NULL,
    counts TEXT NOT NULL,
    recorded INTEGER NOT NULL
  );
  CREATE TABLE tests (
    id INTEGER PRIMARY KEY,
    suite INTEGER NOT NULL,
    name TEXT NOT NULL,
    run INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    duration_ms REAL NOT NULL,
    usual_ms REAL NOT NULL,
    UNIQUE (suite, name)
  );
  CREATE TABLE outcomes (
    test INTEGER NOT NULL,
    run INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    duration_ms REAL NOT NULL,
    PRIMARY KEY (test, run)
  ) WITHOUT ROWID;
  CREATE TABLE dependencies (
    suite INTEGER NOT NULL,
    name TEXT NOT NULL,
    hash TEXT NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (suite, name)
  );
  CREATE TABLE edits (id INTEGER PRIMARY KEY, path TEXT NOT NULL, at_ms INTEGER NOT NULL);
  CREATE TABLE timelines (key TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, steps TEXT NOT NULL);
  CREATE TABLE facts (key TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, value TEXT NOT NULL);
  `,
  // It was never filled: what tests depend on is kept for the life of a watch.
  "DROP TABLE dependencies",
  // What tells a flaky test: on which code, beside which tests; and what a run has saved.
  `
  ALTER TABLE runs ADD COLUMN code TEXT;
  ALTER TABLE runs ADD COLUMN cold_ms REAL;
  ALTER TABLE outcomes ADD COLUMN worker TEXT;
  ALTER TABLE outcomes ADD COLUMN after INTEGER;
  `,
];

/** The version of a database that this program writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/** The version of a database; 0 for a new one. */
export function versionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.user_version);
}

/** Brings an older database up to the version that this program writes, one step a transaction. */
export function migrate(database: DatabaseSync): void {
  for (let version = versionOf(database); version < SCHEMA_VERSION; version += 1) {
    database.exec(`BEGIN IMMEDIATE; ${MIGRATIONS[version]}; PRAGMA user_version = ${version + 1}; COMMIT`);
  }
}
