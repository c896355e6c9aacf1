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
}

/** A second worker that gets less than this takes longer to fork than it saves. */
const WORTH_A_WORKER_MS = 25;

/** What a worker may come to hold by itself; a guess on the safe side for tests that load much. */
const WORKER_BYTES = 128 * 2 ** 20;

/** How many workers run the tests when somebody asks for `wanted`: `auto`, `logical`, or a number. */
export function workersFor(wanted: string, circumstances: Circumstances): number {
  const { logical, physical, groups, expectedMs, availableBytes, most } = circumstances;
  const limits = [groups];
  if (most > 0) limits.push(most);
  const isOurs = wanted === "auto" || wanted === "logical";
  if (isOurs) {
    limits.push(wanted === "auto" ? physical : logical);
    if (availableBytes !== null) limits.push(Math.floor(availableBytes / WORKER_BYTES));
    if (expectedMs !== null) limits.push(Math.floor(expectedMs / WORTH_A_WORKER_MS));
  } else {
    limits.push(Number(wanted));
  }
  return Math.max(1, Math.min(...limits));
}
