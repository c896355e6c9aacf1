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
  readonly durationsMs: Float64Array;
  /** By state. */
  readonly counts: Int32Array;
  readonly up: RollUp;
  /** How many tests fail as far as is known, and how many did not run in the last run. */
  readonly failing: number;
  readonly notRun: number;
  /** The run that the states belong to, whether it has ended, and the places of the tests that run in it. */
  readonly run: number | undefined;
  readonly isOver: boolean;
  readonly running: readonly number[];
}

export const EMPTY_INDEX: TestIndex = {
  ...{ ids: [], lowerIds: [], tests: [], tree: buildTree([]) },
  ...{ states: new Uint8Array(0), durationsMs: new Float64Array(0), counts: new Int32Array(TEST_STATES.length) },
  ...{ failing: 0, notRun: 0, run: undefined, isOver: false, running: [] },
  up: rollUp(buildTree([]), new Uint8Array(0), new Float64Array(0)),
};

/** The index of this view, after another one: of what is still the same, nothing is asked again. */
export function indexTests({ tests, run }: RunView, before: TestIndex): TestIndex {
  const hasSameIds = isSame(before.ids, tests);
  const shape = hasSameIds ? before : shapeOf([...tests.keys()]);
  const isSameRun = hasSameIds && run?.number === before.run && (run?.record !== undefined) === before.isOver;
  const next: Draft = isSameRun
    ? {
        states: before.states.slice(),
        durationsMs: before.durationsMs.slice(),
        failing: before.failing,
        notRun: before.notRun,
      }
    : { states: new Uint8Array(tests.size), durationsMs: new Float64Array(tests.size), failing: 0, notRun: 0 };
  let at = 0;
  for (const test of tests.values()) {
    const known = isSameRun ? before.tests[at] : undefined;
    if (known !== test) count(next, at, test, known, run);
    at += 1;
  }
  const all = [...tests.values()];
  const running = findRunning(shape.tree, all, run);
  // A test that runs no more, and has no outcome yet, is as if it had not begun.
  for (const place of before.running) {
    const test = isSameRun ? all[place] : undefined;
    if (test !== undefined) next.states[place] = STATE_NUMBERS[stateOf(test, run, false)];
  }
  for (const place of running) next.states[place] = STATE_NUMBERS.running;
  const counts = new Int32Array(TEST_STATES.length);
  for (const state of next.states) counts[state] = (counts[state] ?? 0) + 1;
  const { ids, lowerIds, tree } = shape;
  const told = { run: run?.number, isOver: run?.record !== undefined, running };
  return { ids, lowerIds, tree, tests: all, ...next, ...told, counts, up: rollUp(tree, next.states, next.durationsMs) };
}

type Draft = { states: Uint8Array; durationsMs: Float64Array; failing: number; notRun: number };

/** Takes a test up in the place of what was known of it. */
function count(next: Draft, at: number, test: TestView, known: TestView | undefined, run: RunView["run"]): void {
  next.states[at] = STATE_NUMBERS[stateOf(test, run, false)];
  next.durationsMs[at] = test.durationMs;
  if (known !== undefined) {
    next.failing -= Number(known.failing !== undefined);
    next.notRun -= Number(isNotRun(known, run));
  }
  next.failing += Number(test.failing !== undefined);
  next.notRun += Number(isNotRun(test, run));
}

function isNotRun(test: TestView, run: RunView["run"]): boolean {
  return test.isOutdated || test.run !== run?.number;
}

/** The places of the tests that run now. */
function findRunning({ places, tests }: Tree, all: readonly TestView[], run: RunView["run"]): readonly number[] {
  return [...(run?.running.keys() ?? [])].flatMap((id) => {
    const place = tests[places.get(id) ?? -1] ?? -1;
    return all[place]?.isOutdated === true ? [place] : [];
  });
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
