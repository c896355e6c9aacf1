import { expect, test } from "vitest";
import type { RunEvent, RunRecord } from "../../../src/protocol/events.ts";
import type { NodeId, RunId } from "../../../src/protocol/ids.ts";
import { applyEvents, EMPTY_VIEW } from "../../../src/report/run-view.ts";
import { readVerdict } from "../../../src/report/verdict.ts";
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

test("a run that ended before anybody listened has its verdict, with the failures that it stands by", () => {
  const record = { way: "warm", reason: "", exit: 1 } as RunRecord;
  const standing = {
    tests: [
      { id: "t.py::a", outcome: "passed", durationMs: 2, isOutdated: false, failure: null },
      {
        id: "t.py::b",
        outcome: "failed",
        durationMs: 3,
        isOutdated: false,
        failure: { text: "E   assert 0", atMs: 7 },
      },
    ],
    run: { record, selection: "all", broken: [] },
  } as const;
  const told = new ServedView(() => 5, standing).tell();
  const view = reviveView({ ...told, event: "", command: { words: [], cwd: "", root: "" } });
  expect(readVerdict(view, { path: "", name: "" }).parts).toEqual(["1 failed, 1 passed", "all 2 ran"]);
  expect(told.failing).toMatchObject([{ id: "t.py::b", sinceMs: 7 }]);
  // Where files have changed since, nothing is known of them as they are now.
  expect(new ServedView(() => 5, { ...standing, run: null }).tell().run).toBeNull();
});
