import { expect, test } from "vitest";
import type { RunEvent } from "../../../src/protocol/events.ts";
import type { NodeId, RunId } from "../../../src/protocol/ids.ts";
import { applyEvents, EMPTY_VIEW } from "../../../src/report/run-view.ts";
import { ServedView } from "../../../src/surfaces/http/served-view.ts";
import { reviveView } from "../../../web/state/revive-view.ts";

const RUN = "r1" as RunId;
const EVENTS: readonly RunEvent[] = [
  { type: "run-started", run: RUN, way: "cold", reason: "new", selection: "all" },
  { type: "collected", ids: ["t.py::a", "t.py::b", "t.py::c"] as NodeId[] },
  { type: "test-started", id: "t.py::a" as NodeId },
  {
    ...{ type: "test-finished", id: "t.py::a" as NodeId, outcome: "failed", durationMs: 2 },
    text: "E   assert 0\n\nt.py:3: AssertionError",
  },
  { type: "test-started", id: "t.py::b" as NodeId },
];

test("who comes in the middle of a run sees what somebody sees who was there from the beginning", () => {
  const served = new ServedView(() => 5);
  for (const event of EVENTS) served.add("r1", event);
  served.add("r2", { type: "watching", files: 1 });
  const told = JSON.parse(JSON.stringify(served.tell())) as ReturnType<ServedView["tell"]>;
  const view = reviveView({ ...told, event: "", command: { words: [], cwd: "", root: "" } });
  expect(view).toEqual(applyEvents(EMPTY_VIEW, EVENTS, 5));
  expect(told.queue).toEqual({ current: "r1", waiting: [{ run: "r2", event: { type: "watching", files: 1 } }] });
});

test("what is collected takes the place of what was known, and what is remembered is no outcome of now", () => {
  const served = new ServedView(() => 5);
  for (const event of EVENTS) served.add("r1", event);
  served.collected(["t.py::a", "t.py::d"], [["t.py::d", { outcome: "passed", durationMs: 3 }]]);
  expect(served.tell().tests).toEqual({
    ids: ["t.py::a", "t.py::d"],
    outcomes: ["failed", "passed"],
    durationsMs: [2, 3],
    outdated: [false, true],
    runs: [1, 0],
  });
});
