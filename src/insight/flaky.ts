import type { Observation } from "../protocol/past.ts";

/** A condition that goes with the failures of a test more than with its other runs. */
export interface Condition {
  /** In words: `after tests/test_a.py::test_x`, `in a worker`, `first in its process`. */
  readonly what: string;
  readonly failures: number;
  readonly others: number;
}

/** A test that has passed and failed on the same code. */
export interface FlakyTest {
  readonly id: string;
  readonly runs: number;
  readonly failures: number;
  /** Its latest runs, the oldest first: whether each has failed. */
  readonly recent: readonly boolean[];
  readonly lastFailedMs: number;
  readonly lastFailedRun: number;
  /** How many runs did not fail: what `others` of a condition is a part of. */
  readonly others: number;
  readonly conditions: readonly Condition[];
}

const MOST_RECENT = 10;
/** A condition is told if it holds in this much more of the failures than of the other runs. */
const CLEAR_DIFFERENCE = 0.5;
/** One failure has some condition in any case. */
const FEWEST_FAILURES = 2;

/** Flaky tests, those that fail most often first. Observations come the newest first. */
export function findFlaky(observations: readonly Observation[]): readonly FlakyTest[] {
  return [...Map.groupBy(observations, ({ test }) => test).values()]
    .map(describeTest)
    .filter((test) => test !== undefined)
    .toSorted((one, other) => other.failures / other.runs - one.failures / one.runs || (one.id < other.id ? -1 : 1));
}

function describeTest(own: readonly Observation[]): FlakyTest | undefined {
  const failed = own.filter(hasFailed);
  const [last] = failed;
  if (last === undefined || !isUnsteady(own)) return undefined;
  return {
    id: last.id,
    runs: own.length,
    failures: failed.length,
    recent: own.slice(0, MOST_RECENT).map(hasFailed).toReversed(),
    lastFailedMs: last.atMs,
    lastFailedRun: last.run,
    others: own.length - failed.length,
    conditions: conditionsOf(
      failed,
      own.filter((each) => !hasFailed(each)),
    ),
  };
}

function isUnsteady(own: readonly Observation[]): boolean {
  const byCode = Map.groupBy(own, ({ code }) => code).values();
  return [...byCode].some((same) => same.some(hasFailed) && !same.every(hasFailed));
}

function conditionsOf(failed: readonly Observation[], others: readonly Observation[]): readonly Condition[] {
  if (failed.length < FEWEST_FAILURES || others.length === 0) return [];
  const names = new Set(failed.flatMap(featuresOf));
  const counted = [...names].map((what) => {
    const has = (each: Observation) => featuresOf(each).includes(what);
    return { what, failures: failed.filter(has).length, others: others.filter(has).length };
  });
  const difference = (each: Condition) => each.failures / failed.length - each.others / others.length;
  return counted
    .filter((each) => difference(each) >= CLEAR_DIFFERENCE)
    .toSorted((one, other) => difference(other) - difference(one));
}

function featuresOf({ worker, after }: Observation): readonly string[] {
  return [
    after === null ? "first in its process" : `after ${after}`,
    worker === "" ? "in one process for all" : "in a worker",
  ];
}

function hasFailed({ outcome }: Observation): boolean {
  return outcome === "failed" || outcome === "error";
}
