import { expect, test } from "vitest";
import type { RunEvent } from "../../../src/protocol/events.ts";
import type { NodeId, RunId } from "../../../src/protocol/ids.ts";
import { applyEvents, EMPTY_VIEW, type RunView } from "../../../src/report/run-view.ts";
import { stateOf } from "../../../src/report/test-state.ts";

const A = "t.py::a" as NodeId;
const B = "t.py::b" as NodeId;
const RUN = "r1" as RunId;

const started = (selection: "all" | "affected" | "chosen"): RunEvent => ({
  ...{ type: "run-started", run: RUN, way: "warm", reason: "", selection },
});
const collected = (...ids: NodeId[]): RunEvent => ({ type: "collected", ids });
const ended = (id: NodeId, outcome: "passed" | "failed"): RunEvent => ({
  ...{ type: "test-finished", id, outcome, durationMs: 1 },
});
const finished: RunEvent = {
  ...{ type: "run-finished", run: RUN },
  record: {
    ...{
      exit: 0,
      way: "warm",
      reason: "",
      durationMs: 1,
      firstTestMs: 0,
      tests: 2,
      modules: 0,
      coldMs: null,
      unfinished: 0,
    },
  },
};

function states(view: RunView): readonly string[] {
  return [...view.tests].map(([id, test]) => stateOf(test, view.run, view.run?.running.has(id) === true));
}

test("a test is queued, runs, and has its outcome; in the next run that leaves it out it is not run", () => {
  let view = applyEvents(EMPTY_VIEW, [started("all"), collected(A, B)], 0);
  expect(states(view)).toEqual(["queued", "queued"]);
  view = applyEvents(view, [{ type: "test-started", id: A }], 0);
  expect(states(view)).toEqual(["running", "queued"]);
  view = applyEvents(view, [ended(A, "passed"), ended(B, "failed"), finished], 0);
  expect(states(view)).toEqual(["passed", "failed"]);
  view = applyEvents(view, [started("affected"), collected(B), ended(B, "failed"), finished], 0);
  expect(states(view)).toEqual(["not run", "failed"]);
  // A failure stays one where it did not run.
  view = applyEvents(view, [started("affected"), collected(A), ended(A, "passed"), finished], 0);
  expect(states(view)).toEqual(["passed", "failed"]);
});

test("what was selected and has not run when the run ends is outdated", () => {
  const view = applyEvents(EMPTY_VIEW, [started("all"), collected(A, B), ended(A, "passed"), finished], 0);
  expect(states(view)).toEqual(["passed", "outdated"]);
});
