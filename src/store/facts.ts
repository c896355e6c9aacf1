import type { Database } from "./database.ts";

const MOST_FACTS = 500;

/** Remembers a value that JSON can hold, in place of the one before; within a transaction. */
export function saveFact(database: Database, key: string, value: unknown, atMs: number): void {
  database.run("INSERT OR REPLACE INTO facts (key, at_ms, value) VALUES (?, ?, ?)", key, atMs, JSON.stringify(value));
  database.run("DELETE FROM facts WHERE key NOT IN (SELECT key FROM facts ORDER BY at_ms DESC LIMIT ?)", MOST_FACTS);
}

/** The value of a key as it was saved, or undefined. */
export function loadFact(database: Database, key: string): unknown {
  const value = database.get("SELECT value FROM facts WHERE key = ?", key)?.value;
  return value === undefined ? undefined : JSON.parse(String(value));
}
