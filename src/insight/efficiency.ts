import type { TestCost } from "../protocol/events.ts";

/** One worker of a measured run; the leader has an empty name. */
export interface Lane {
  readonly worker: string;
  readonly tests: number;
  /** What its tests took. */
  readonly busyMs: number;
  /** From the first test of the run to the first of this worker, and between its tests. */
  readonly betweenMs: number;
  /** From its last test to the last of the run. */
  readonly tailMs: number;
}

/** Where the time of the tests of one run went. Worker times are sums over all workers. */
export interface Efficiency {
  readonly tests: number;
  readonly workers: number;
  /** From the start of the first test to the end of the last. */
  readonly wallMs: number;
  readonly workMs: number;
  readonly cpuMs: number;
  /** The part of the workers' time in which a test ran: work / (workers × wall). */
  readonly efficiency: number;
  /** The part of the work in which a processor was used; more than 1 where tests use several. */
  readonly cpuShare: number;
  /** The part of the machine's processors that the tests used: cpu / (cores × wall). */
  readonly saturation: number;
  readonly handOutMs: number;
  readonly tailMs: number;
  /** How far the workers' ends lie apart, as a part of the wall time. */
  readonly spread: number;
  readonly floor: { readonly id: string; readonly ms: number };
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly overASecond: number;
  /** No number of workers is quicker than this on so many cores: max(work / cores, floor). */
  readonly bestMs: number;
  readonly lanes: readonly Lane[];
}

/** What the tests of a run come to; undefined where none was measured. */
export function reckonEfficiency(tests: readonly TestCost[], cores: number): Efficiency | undefined {
  if (tests.length === 0) return undefined;
  const startMs = Math.min(...tests.map((test) => test.startMs));
  const endMs = Math.max(...tests.map((test) => test.startMs + wallOf(test)));
  const lanes = lanesOf(tests, startMs, endMs);
  const wallMs = endMs - startMs;
  const workMs = sum(tests.map(wallOf));
  const cpuMs = sum(tests.map(cpuOf));
  const sorted = tests.map(wallOf).toSorted((a, b) => a - b);
  const longest = tests.reduce((one, other) => (wallOf(other) > wallOf(one) ? other : one));
  const tails = lanes.map(({ tailMs }) => tailMs);
  return {
    tests: tests.length,
    workers: lanes.length,
    wallMs,
    workMs,
    cpuMs,
    efficiency: share(workMs, lanes.length * wallMs),
    cpuShare: share(cpuMs, workMs),
    saturation: share(cpuMs, cores * wallMs),
    handOutMs: sum(lanes.map(({ betweenMs }) => betweenMs)),
    tailMs: sum(tails),
    spread: share(Math.max(...tails) - Math.min(...tails), wallMs),
    floor: { id: longest.id, ms: wallOf(longest) },
    p50Ms: percentile(sorted, 0.5),
    p90Ms: percentile(sorted, 0.9),
    p99Ms: percentile(sorted, 0.99),
    overASecond: sorted.filter((ms) => ms >= 1000).length,
    bestMs: Math.max(workMs / cores, wallOf(longest)),
    lanes,
  };
}

/** What a test took, with set-up and tear-down. */
export function wallOf({ setup, call, teardown }: TestCost): number {
  return setup.wallMs + call.wallMs + teardown.wallMs;
}

/** The processor time of a test, with set-up and tear-down. */
function cpuOf({ setup, call, teardown }: TestCost): number {
  return setup.cpuMs + call.cpuMs + teardown.cpuMs;
}

/** The smallest value that at least this part of the sorted values does not exceed. */
export function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? 0;
}

function lanesOf(tests: readonly TestCost[], startMs: number, endMs: number): readonly Lane[] {
  const byWorker = Map.groupBy(tests, ({ worker = "" }) => worker);
  return [...byWorker].map(([worker, own]) => {
    const busyMs = sum(own.map(wallOf));
    const lastMs = Math.max(...own.map((test) => test.startMs + wallOf(test)));
    const betweenMs = Math.max(0, lastMs - startMs - busyMs);
    return { worker, tests: own.length, busyMs, betweenMs, tailMs: endMs - lastMs };
  });
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
