import { expect, test } from "vitest";
import type { RunEvent, RunRecord } from "../../../src/protocol/events.ts";
import type { NodeId, RunId } from "../../../src/protocol/ids.ts";
import { applyEvents, EMPTY_VIEW } from "../../../src/report/run-view.ts";
import { TEST_STATES } from "../../../src/report/test-state.ts";
import { EMPTY_INDEX, indexTests } from "../../../web/state/test-index.ts";

const RUN = "r" as RunId;
const IDS = ["a.py::one", "a.py::two", "b.py::C::three", "b.py"] as NodeId[];
const [one, two, three] = IDS as [NodeId, NodeId, NodeId];
const start = (selection: "all" | "affected"): RunEvent => ({
  ...{ type: "run-started", run: RUN, way: "warm", reason: "", selection },
});
const end = (exit: number): RunEvent => ({
  type: "run-finished",
  run: RUN,
  record: { way: "warm", exit } as RunRecord,
});
const finish = (id: NodeId, outcome: "passed" | "failed"): RunEvent => ({
  ...{ type: "test-finished", id, outcome, durationMs: id.length, text: "E   x" },
});
const plan = { type: "plan", tests: 4, affected: 1, unaffected: 3, changes: [], reasons: {} } as const;

const STEPS: readonly (readonly RunEvent[])[] = [
  [start("all"), { type: "collected", ids: IDS }],
  [{ type: "test-started", id: one }],
  [finish(one, "failed"), { type: "test-started", id: two }],
  [{ type: "test-started", id: three }],
  // It is interrupted: two of them run no more, and have no outcome.
  [end(2)],
  [start("affected"), { ...plan, gone: [], outdated: [] }, { type: "collected", ids: [one] }],
  [{ type: "test-started", id: one }, finish(one, "passed"), end(0)],
  [start("affected"), { ...plan, gone: [two], outdated: [three] }, end(1)],
  [start("all"), { type: "collected", ids: [one, three] }, finish(one, "passed"), finish(three, "failed"), end(1)],
];

test("an index that shares what has not changed is the one that is made anew", () => {
  let view = EMPTY_VIEW;
  let shared = EMPTY_INDEX;
  const states: string[] = [];
  for (const events of STEPS) {
    view = applyEvents(view, events, 5);
    shared = indexTests(view, shared);
    expect(shared).toEqual(indexTests(view, EMPTY_INDEX));
    states.push([...shared.states].map((state) => TEST_STATES[state]).join(", "));
  }
  expect(states.slice(2, 5)).toEqual([
    "failed, running, queued, queued",
    "failed, running, running, queued",
    "failed, outdated, outdated, outdated",
  ]);
});
