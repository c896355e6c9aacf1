import { TEST_STATES, type TestState } from "../../src/report/test-state.ts";
import type { Tree } from "./build-tree.ts";

/** The state of each node and what is in it. A node has the state that asks for most attention of those in it. */
export interface RollUp {
  readonly states: Uint8Array;
  readonly totals: Int32Array;
  readonly failures: Int32Array;
  readonly durationsMs: Float64Array;
}

/** From the one that is seen first to the one that hides behind all others. */
const ATTENTION: readonly TestState[] = [
  "failed",
  "error",
  "running",
  "outdated",
  "queued",
  "xpassed",
  "passed",
  "not run",
  "xfailed",
  "skipped",
];
const RANKS = Uint8Array.from(TEST_STATES, (state) => ATTENTION.indexOf(state));

/** A state as a small number. */
export const STATE_NUMBERS = Object.fromEntries(TEST_STATES.map((state, number) => [state, number])) as Readonly<
  Record<TestState, number>
>;

/** Gathers states (by `STATE_NUMBERS`) and durations of tests upwards: from the last node to the first, each into its parent. */
export function rollUp(tree: Tree, states: Uint8Array, durationsMs: Float64Array): RollUp {
  const size = tree.names.length;
  const up = {
    states: new Uint8Array(size).fill(255),
    totals: new Int32Array(size),
    failures: new Int32Array(size),
    durationsMs: new Float64Array(size),
  };
  for (let node = size - 1; node >= 0; node -= 1) {
    const test = tree.tests[node] ?? -1;
    if (test !== -1) {
      const state = states[test] ?? 0;
      up.states[node] = moreUrgent(up.states[node] ?? 255, state);
      up.totals[node] = (up.totals[node] ?? 0) + 1;
      up.failures[node] =
        (up.failures[node] ?? 0) + (state === STATE_NUMBERS.failed || state === STATE_NUMBERS.error ? 1 : 0);
      up.durationsMs[node] = (up.durationsMs[node] ?? 0) + (durationsMs[test] ?? 0);
    }
    const parent = tree.parents[node] ?? -1;
    if (parent === -1) continue;
    up.states[parent] = moreUrgent(up.states[parent] ?? 255, up.states[node] ?? 255);
    up.totals[parent] = (up.totals[parent] ?? 0) + (up.totals[node] ?? 0);
    up.failures[parent] = (up.failures[parent] ?? 0) + (up.failures[node] ?? 0);
    up.durationsMs[parent] = (up.durationsMs[parent] ?? 0) + (up.durationsMs[node] ?? 0);
  }
  return up;
}

function moreUrgent(one: number, other: number): number {
  return (RANKS[one] ?? 255) <= (RANKS[other] ?? 255) ? one : other;
}
