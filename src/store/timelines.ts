import type { Database } from "./database.ts";

/** Timelines of so many keys are kept. */
const MOST_TIMELINES = 20;

/** One thing that a timeline executed, in its order. */
export interface TimelineStep {
  readonly kind: "module" | "library" | "rewritten" | "conftest" | "testfile";
  readonly name: string;
  readonly path: string | null;
  /** From its beginning to that of the next step, or to the tip: what comes behind a cut costs the sum of these. */
  readonly ownMs: number;
}

/** Remembers the newest timeline of a key in place of the one before; within a transaction. */
export function saveTimeline(database: Database, key: string, steps: readonly TimelineStep[], atMs: number): void {
  const rows = steps.map(({ kind, name, path, ownMs }) => [kind, name, path, ownMs]);
  database.run(
    "INSERT OR REPLACE INTO timelines (key, at_ms, steps) VALUES (?, ?, ?)",
    key,
    atMs,
    JSON.stringify(rows),
  );
  database.run(
    "DELETE FROM timelines WHERE key NOT IN (SELECT key FROM timelines ORDER BY at_ms DESC LIMIT ?)",
    MOST_TIMELINES,
  );
}

/** The newest timeline of a key; empty where none is known. */
export function loadTimeline(database: Database, key: string): readonly TimelineStep[] {
  const steps = database.get("SELECT steps FROM timelines WHERE key = ?", key)?.steps;
  if (steps === undefined) return [];
  type Stored = [TimelineStep["kind"], string, string | null, number];
  return (JSON.parse(String(steps)) as Stored[]).map(([kind, name, path, ownMs]) => ({ kind, name, path, ownMs }));
}
