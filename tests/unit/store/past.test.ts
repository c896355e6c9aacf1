// What the history tells of tests that are not steady, and of what runs have saved.
import { expect, test } from "vitest";
import { nodeId, outcomes, runEntry, TempHistory } from "./temp-history.ts";

const [A, B] = [nodeId("test_a"), nodeId("test_b")];

test("all outcomes of a test that passed and failed on the same code, the newest first", () => {
  using temp = new TempHistory();
  const history = temp.open();
  history.addRun(runEntry(outcomes({ [A]: "passed", [B]: "passed" }), { code: "one" }));
  history.addRun(runEntry(outcomes({ [A]: "failed", [B]: "passed" }), { code: "one" }));
  history.addRun(runEntry(outcomes({ [A]: "passed", [B]: "failed" }), { code: "two" }));
  const { unsteady } = temp.open().past(10, 10);
  expect(unsteady.map(({ id, run, outcome, code }) => [id, run, outcome, code])).toEqual([
    [A, 3, "passed", "two"],
    [A, 2, "failed", "one"],
    [A, 1, "passed", "one"],
  ]);
});

test("a run whose code is not known tells nothing, and a skipped test is neither", () => {
  using temp = new TempHistory();
  const history = temp.open();
  history.addRun(runEntry(outcomes({ [A]: "passed", [B]: "skipped" }), { code: "one" }));
  history.addRun(runEntry(outcomes({ [A]: "failed" })));
  history.addRun(runEntry(outcomes({ [B]: "failed" }), { code: "one" }));
  expect(history.past(10, 10).unsteady).toEqual([]);
});

test("in which worker a test ran, and behind which", () => {
  using temp = new TempHistory();
  const history = temp.open();
  const both = (outcome: "passed" | "failed") => [
    { id: B, outcome: "passed" as const, durationMs: 1, worker: "gw0" },
    { id: A, outcome, durationMs: 1, worker: "gw0", after: B },
  ];
  history.addRun(runEntry(both("passed"), { code: "one" }));
  history.addRun(runEntry(both("failed"), { code: "one" }));
  expect(history.past(10, 10).unsteady.map(({ id, worker, after }) => [id, worker, after])).toEqual([
    [A, "gw0", B],
    [A, "gw0", B],
  ]);
});

test("runs with what their cold run took, and the slowest tests", () => {
  using temp = new TempHistory();
  const history = temp.open();
  const entry = runEntry([...outcomes({ [A]: "passed" }, 5), ...outcomes({ [B]: "passed" }, 9)]);
  history.addRun({ ...entry, record: { ...entry.record, coldMs: 900 } });
  const { runs, slowest } = temp.open().past(10, 1);
  expect(runs).toMatchObject([{ id: 1, coldMs: 900, durationMs: 21.5, way: "warm", counts: { passed: 2 } }]);
  expect(slowest).toEqual([{ id: B, usualMs: 9 }]);
});
