/** A suite that nobody has: durations as suites have them, the same each time. */
export interface Suite {
  /** Tests with the same number share fixtures. */
  readonly groups: readonly number[];
  /** How long each test takes, and took the last time, in milliseconds. */
  readonly takesMs: readonly number[];
  readonly beforeMs: readonly number[];
}

/** Of every hundred tests so many are in groups that share fixtures. */
const GROUPED = 0.2;
const LARGEST_GROUP = 40;

/** Half take less than this; a hundredth take more than forty times as much. */
const MEDIAN_MS = 15;
const SPREAD = 1.6;
const LONGEST_MS = 20_000;

/** From the run before each test differs by so much, up or down, one time in three. */
const NOISE = 0.25;

/** Makes a suite of so many tests. */
export function makeSuite(tests: number, random: () => number): Suite {
  const groups: number[] = [];
  for (let group = 0; groups.length < tests; group += 1) {
    const size = random() < GROUPED / (LARGEST_GROUP / 2) ? 1 + Math.floor(random() * LARGEST_GROUP) : 1;
    for (let member = 0; member < size && groups.length < tests; member += 1) groups.push(group);
  }
  const takesMs = groups.map(() => Math.min(LONGEST_MS, MEDIAN_MS * Math.exp(SPREAD * normal(random))));
  const beforeMs = takesMs.map((ms) => ms * Math.exp(NOISE * normal(random)));
  return { groups, takesMs, beforeMs };
}

/** Numbers from 0 to 1 that are the same each time (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
