/** What the number of workers depends on. */
export interface Circumstances {
  readonly logical: number;
  readonly physical: number;
  /** Groups of tests: one is never run by two workers at once. */
  readonly groups: number;
  /** What all tests are expected to take, in milliseconds; null where some never ran. */
  readonly expectedMs: number | null;
  readonly availableBytes: number | null;
  /** An upper limit, 0 for none. */
  readonly most: number;
  /** Whether somebody waits for the verdict of an edit: a number that was asked for then is the most, and not what it has to be. */
  readonly isWatched: boolean;
}

/** A second worker that gets less than this takes longer to fork than it saves. */
const WORTH_A_WORKER_MS = 25;

/** What a worker may come to hold by itself; a guess on the safe side for tests that load much. */
const WORKER_BYTES = 128 * 2 ** 20;

/** How many workers run the tests when somebody asks for `wanted`: `auto`, `logical`, or a number. */
export function workersFor(wanted: string, circumstances: Circumstances): number {
  return Math.max(1, Math.min(...limitsOf(wanted, circumstances).map(([limit]) => limit)));
}

/** The same in words: every limit, the smallest of which counts. */
export function whyWorkers(wanted: string, circumstances: Circumstances): string {
  const limits = limitsOf(wanted, circumstances).filter(([limit]) => Number.isFinite(limit));
  return `the least of ${limits.map(([limit, what]) => `${limit} (${what})`).join(", ")}, and at least 1`;
}

function limitsOf(wanted: string, circumstances: Circumstances): readonly (readonly [limit: number, what: string])[] {
  const { logical, physical, groups, expectedMs, availableBytes, most, isWatched } = circumstances;
  const limits: (readonly [number, string])[] = [[groups, "tests, or groups that share fixtures"]];
  if (most > 0) limits.push([most, "at most, as asked for"]);
  const isNumber = wanted !== "auto" && wanted !== "logical";
  if (isNumber) limits.push([Number(wanted), "asked for"]);
  else limits.push(wanted === "auto" ? [physical, "cores"] : [logical, "threads of the processor"]);
  if (availableBytes !== null && !isNumber)
    limits.push([Math.floor(availableBytes / WORKER_BYTES), `free memory, ${WORKER_BYTES / 2 ** 20} MiB each`]);
  if (expectedMs !== null && (isWatched || !isNumber)) {
    const what = `${Math.round(expectedMs)} ms of tests, ${WORTH_A_WORKER_MS} ms each`;
    limits.push([Math.floor(expectedMs / WORTH_A_WORKER_MS), what]);
  }
  return limits;
}
