/** How long one test took in its latest runs that had an outcome. */
export interface TestTimes {
  readonly id: string;
  /** The oldest first. */
  readonly durationsMs: readonly number[];
  readonly runs: readonly number[];
}

/** A test that takes clearly longer than it used to. */
export interface SlowerTest {
  readonly id: string;
  readonly beforeMs: number;
  readonly nowMs: number;
  readonly durationsMs: number[];
  /** The first of its slow runs. */
  readonly sinceRun: number;
}

/** So many runs count as now, and at least so many as before. */
const NOW_RUNS = 3;
const LEAST_BEFORE = 3;
const LEAST_FACTOR = 1.5;
/** Less is noise, whatever the factor. */
const LEAST_DIFFERENCE_MS = 20;

/** Tests whose latest runs all took longer than any before, clearly; those that cost most come first. */
export function findSlower(all: readonly TestTimes[]): readonly SlowerTest[] {
  return all
    .flatMap(({ id, durationsMs, runs }) => {
      const before = durationsMs.slice(0, -NOW_RUNS);
      const now = durationsMs.slice(-NOW_RUNS);
      if (before.length < LEAST_BEFORE) return [];
      const beforeMs = middle(before);
      const nowMs = middle(now);
      const isClear = Math.min(...now) > Math.max(...before);
      if (!isClear || nowMs < beforeMs * LEAST_FACTOR || nowMs - beforeMs < LEAST_DIFFERENCE_MS) return [];
      return [{ id, beforeMs, nowMs, durationsMs: [...durationsMs], sinceRun: runs.at(-NOW_RUNS) ?? 0 }];
    })
    .toSorted((one, other) => other.nowMs - other.beforeMs - (one.nowMs - one.beforeMs));
}

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
