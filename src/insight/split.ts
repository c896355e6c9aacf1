/** A test, and the milliseconds that it usually takes; null where that is not known. */
export interface TimedTest {
  readonly id: string;
  readonly durationMs: number | null;
}

/** One of several equal parts of a suite, counted from 1. */
export interface Share {
  readonly index: number;
  readonly of: number;
}

/** What a test costs beside its own time; without it tests of no time at all would all fall into one part. */
const OVERHEAD_MS = 1;

/**
 * The tests of one share: neighbours in the order of collection, so that fixtures of files and classes are set up once, and
 * with about the same time as every other share. A test belongs to the share in which the middle of its time lies, so
 * that a new one moves no more than the tests next to the borders. A test of unknown time counts as the median of the others.
 */
export function takeShare(tests: readonly TimedTest[], { index, of }: Share): readonly string[] {
  const usualMs = medianOf(tests.flatMap(({ durationMs }) => (durationMs === null ? [] : [durationMs])));
  const costs = tests.map(({ durationMs }) => OVERHEAD_MS + (durationMs ?? usualMs));
  const shareMs = costs.reduce((sum, cost) => sum + cost, 0) / of;
  let beforeMs = 0;
  return tests.flatMap(({ id }, place) => {
    const cost = costs[place] ?? 0;
    const share = Math.min(of, Math.floor((beforeMs + cost / 2) / shareMs) + 1);
    beforeMs += cost;
    return share === index ? [id] : [];
  });
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
