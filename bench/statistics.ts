/** Median, smallest and largest of a series of durations in milliseconds. */
export interface Series {
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly count: number;
}

/** Sums up at least one duration. */
export function seriesOf(durationsMs: readonly number[]): Series {
  const sorted = [...durationsMs].sort((left, right) => left - right);
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  const high = sorted[Math.ceil((sorted.length - 1) / 2)];
  const min = sorted[0];
  const max = sorted.at(-1);
  if (low === undefined || high === undefined || min === undefined || max === undefined) {
    throw new RangeError("Expected at least one duration.");
  }
  return { medianMs: (low + high) / 2, minMs: min, maxMs: max, count: sorted.length };
}
