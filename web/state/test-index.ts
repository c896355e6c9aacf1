import type { RunView, TestView } from "../../src/report/run-view.ts";
import { stateOf, TEST_STATES } from "../../src/report/test-state.ts";
import { buildTree, type Tree } from "../tests/build-tree.ts";
import { type RollUp, rollUp, STATE_NUMBERS } from "../tests/roll-up.ts";

/** All known tests in the forms in which the page asks for them; a later one shares what has not changed. */
export interface TestIndex {
  readonly ids: readonly string[];
  readonly lowerIds: readonly string[];
  readonly tests: readonly TestView[];
  readonly tree: Tree;
  /** By test. */
  readonly states: Uint8Array;
  /** By state. */
  readonly counts: Int32Array;
  readonly up: RollUp;
  /** How many tests fail as far as is known, and how many did not run in the last run. */
  readonly failing: number;
  readonly notRun: number;
}

export const EMPTY_INDEX: TestIndex = {
  ...{ ids: [], lowerIds: [], tests: [], tree: buildTree([]) },
  ...{ states: new Uint8Array(0), counts: new Int32Array(TEST_STATES.length) },
  ...{ failing: 0, notRun: 0 },
  up: rollUp(buildTree([]), new Uint8Array(0), new Float64Array(0)),
};

/** The index of this view, after another one. */
export function indexTests({ tests, run }: RunView, before: TestIndex): TestIndex {
  const shape = isSame(before.ids, tests) ? before : shapeOf([...tests.keys()]);
  const all = [...tests.values()];
  const states = new Uint8Array(all.length);
  const durationsMs = new Float64Array(all.length);
  const counts = new Int32Array(TEST_STATES.length);
  let failing = 0;
  let notRun = 0;
  const running: ReadonlyMap<string, number> = run?.running ?? new Map();
  for (const [at, test] of all.entries()) {
    const isRunning = running.size > 0 && test.isOutdated && running.has(shape.ids[at] ?? "");
    const state = STATE_NUMBERS[stateOf(test, run, isRunning)];
    states[at] = state;
    durationsMs[at] = test.durationMs;
    counts[state] = (counts[state] ?? 0) + 1;
    if (test.failing !== undefined) failing += 1;
    if (test.isOutdated || test.run !== run?.number) notRun += 1;
  }
  const { ids, lowerIds, tree } = shape;
  return { ids, lowerIds, tree, tests: all, states, counts, failing, notRun, up: rollUp(tree, states, durationsMs) };
}

function isSame(ids: readonly string[], tests: RunView["tests"]): boolean {
  if (ids.length !== tests.size) return false;
  let at = 0;
  for (const id of tests.keys()) {
    if (ids[at] !== id) return false;
    at += 1;
  }
  return true;
}

function shapeOf(ids: readonly string[]): Pick<TestIndex, "ids" | "lowerIds" | "tree"> {
  return { ids, lowerIds: ids.map((id) => id.toLowerCase()), tree: buildTree(ids) };
}
