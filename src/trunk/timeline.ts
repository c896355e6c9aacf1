/** One thing that a timeline executed, in its order. */
export interface TimelineStep {
  readonly kind: "module" | "library" | "rewritten" | "conftest" | "testfile";
  readonly path: string | null;
  /** From its beginning to that of the next step, or to the tip: what comes behind a cut costs the sum of these. */
  readonly ownMs: number;
}

/** A newer timeline, and behind it the test files that only the older one has: it was resumed for others. */
export function mergeTimelines<Step extends TimelineStep>(
  older: readonly Step[],
  newer: readonly Step[],
): readonly Step[] {
  const known = new Set(newer.map(({ path }) => path));
  return [...newer, ...older.filter(({ kind, path }) => kind === "testfile" && !known.has(path))];
}
