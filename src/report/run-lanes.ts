import type { Outcome } from "../protocol/events.ts";

/** One test as it was heard of; `atMs` is when, in milliseconds since the run began. */
export interface HeardTest {
  readonly id: string;
  readonly outcome: Outcome;
  readonly durationMs: number;
  readonly atMs: number;
  readonly worker?: string | undefined;
}

/** One test on the time axis of its run. */
export interface LaneTest {
  readonly id: string;
  readonly outcome: Outcome;
  readonly startMs: number;
  readonly endMs: number;
}

/** The tests of one worker, in the order in which they ran; the name is empty where the leader ran all of them. */
export interface Lane {
  readonly worker: string;
  readonly tests: readonly LaneTest[];
}

/**
 * When each test ran, by worker. Quick tests of a worker are told together: such a test ended when the next one began, at
 * the latest when it was heard of.
 */
export function buildLanes(heard: readonly HeardTest[], shiftMs: number): readonly Lane[] {
  const byWorker = Map.groupBy(heard, ({ worker = "" }) => worker);
  const names = [...byWorker.keys()].toSorted((one, other) => one.localeCompare(other, "en", { numeric: true }));
  return names.map((worker) => ({ worker, tests: placeTests(byWorker.get(worker) ?? [], shiftMs) }));
}

function placeTests(heard: readonly HeardTest[], shiftMs: number): readonly LaneTest[] {
  const placed: LaneTest[] = [];
  let nextMs = Number.POSITIVE_INFINITY;
  for (const { id, outcome, durationMs, atMs } of heard.toReversed()) {
    const endMs = Math.max(0, Math.min(nextMs, atMs + shiftMs));
    const startMs = Math.max(0, endMs - durationMs);
    placed.push({ id, outcome, startMs, endMs });
    nextMs = startMs;
  }
  return placed.reverse();
}

/** The least that a run could take with its workers: its start, and then the longest test or an equal share of all. */
export function lowerBoundMs(lanes: readonly Lane[], firstTestMs: number): number {
  const durations = lanes.flatMap(({ tests }) => tests.map(({ startMs, endMs }) => endMs - startMs));
  const workMs = durations.reduce((sum, each) => sum + each, 0);
  const longestMs = durations.reduce((most, each) => Math.max(most, each), 0);
  return firstTestMs + Math.max(workMs / Math.max(1, lanes.length), longestMs);
}
