// What is remembered, asked for by another process than the one that saw it.
import { expect, test } from "vitest";
import { nodeId, outcomes, runEntry, SUITE, TempHistory } from "./temp-history.ts";

const [A, B] = [nodeId("test_a.py::test_a"), nodeId("test_a.py::test_b[x]")];

test("the last outcome of each test, and the run that it comes from", () => {
  using temp = new TempHistory();
  const history = temp.open();
  history.addRun(runEntry(outcomes({ [A]: "failed", [B]: "passed" })));
  history.addRun(runEntry(outcomes({ [A]: "passed" }, 3)));
  expect([...temp.open().lastOutcomes(SUITE)]).toEqual([
    [A, { outcome: "passed", durationMs: 3, run: 2 }],
    [B, { outcome: "passed", durationMs: 2, run: 1 }],
  ]);
});

test("the recent outcomes of one test, the newest first", () => {
  using temp = new TempHistory();
  const history = temp.open();
  for (const outcome of ["passed", "failed", "passed"] as const) history.addRun(runEntry(outcomes({ [A]: outcome })));
  const recent = temp.open().recentOutcomes(SUITE, A, 2);
  expect(recent.map(({ outcome, run }) => [outcome, run])).toEqual([
    ["passed", 3],
    ["failed", 2],
  ]);
});

test.for([1, 300])("how long tests usually take: one slow run does not count for all; %s ids at once", (count) => {
  using temp = new TempHistory();
  const history = temp.open();
  for (const durationMs of [10, 10, 20]) history.addRun(runEntry(outcomes({ [A]: "passed" }, durationMs)));
  const others = Array.from({ length: count - 1 }, (_, index) => nodeId(`unknown-${index}`));
  expect([...temp.open().durationsOf(SUITE, [A, ...others])]).toEqual([[A, 13]]);
});

test("suites do not know each other's tests", () => {
  using temp = new TempHistory();
  const history = temp.open();
  history.addRun(runEntry(outcomes({ [A]: "failed" })));
  for (const other of [
    { ...SUITE, root: "/project/sub" },
    { ...SUITE, python: "/other/bin/python" },
  ]) {
    expect(history.lastOutcomes(other).size).toBe(0);
    expect(history.durationsOf(other, [A]).size).toBe(0);
    expect(history.recentOutcomes(other, A, 5)).toEqual([]);
  }
});

test("runs with their counts, the newest first; one without a root has no outcomes", () => {
  using temp = new TempHistory();
  const history = temp.open();
  history.addRun(runEntry(outcomes({ [A]: "failed", [B]: "failed" }), { args: ["-x"], atMs: 5 }));
  history.addRun(runEntry(outcomes({ [A]: "passed" }), { suite: null, atMs: 6 }));
  const [latest, first] = temp.open().runs(10);
  expect(latest).toMatchObject({ id: 2, atMs: 6, counts: { passed: 1 } });
  expect(first).toEqual({
    ...{ id: 1, atMs: 5, args: ["-x"], cwd: "/project", counts: { failed: 2 } },
    record: {
      ...{ exit: 0, way: "warm", reason: "nothing that was loaded has changed" },
      ...{ durationMs: 21.5, firstTestMs: null, tests: 2, unfinished: 0 },
    },
  });
  expect(history.runs(1)).toEqual([latest]);
  expect(history.recentOutcomes(SUITE, A, 5).map(({ run }) => run)).toEqual([1]);
});

test("a test that ends several times in one run counts as its last time", () => {
  using temp = new TempHistory();
  const history = temp.open();
  history.addRun(runEntry([...outcomes({ [A]: "failed" }), ...outcomes({ [A]: "passed" })]));
  expect(history.recentOutcomes(SUITE, A, 5)).toEqual([{ outcome: "passed", durationMs: 2, run: 1 }]);
});

test("edited files with their number of edits, the latest last", () => {
  using temp = new TempHistory();
  const history = temp.open();
  history.addEdits(["/p/a.py"], 1);
  history.addEdits(["/p/b.py", "/p/c.py"], 2);
  history.addEdits(["/p/a.py"], 3);
  expect(temp.open().edits()).toEqual([
    { path: "/p/b.py", count: 1, lastMs: 2 },
    { path: "/p/c.py", count: 1, lastMs: 2 },
    { path: "/p/a.py", count: 2, lastMs: 3 },
  ]);
});

test("the newest timeline of a key, in its order", () => {
  using temp = new TempHistory();
  const history = temp.open();
  const steps = [
    { kind: "conftest", name: "conftest", path: "/p/conftest.py", ownMs: 1.5 },
    { kind: "library", name: "numpy", path: null, ownMs: 80 },
  ] as const;
  history.saveTimeline("key", [], 1);
  history.saveTimeline("key", steps, 2);
  expect(temp.open().timeline("key")).toEqual(steps);
  expect(history.timeline("other")).toEqual([]);
});

test("a fact, as its newest value", () => {
  using temp = new TempHistory();
  const history = temp.open();
  history.saveFact("cold", 1, 1);
  history.saveFact("cold", { ms: [1, null] }, 2);
  expect(temp.open().fact("cold")).toEqual({ ms: [1, null] });
  expect(history.fact("other")).toBeUndefined();
});

test("several writes are one: all or none", () => {
  using temp = new TempHistory();
  const history = temp.open();
  const isWritten = history.write(() => {
    history.addEdits(["/p/a.py"], 1);
    history.addRun(runEntry([{ ...outcomes({ [A]: "passed" })[0], durationMs: null } as never]));
  });
  expect(isWritten).toBe(false);
  expect(history.edits()).toEqual([]);
  expect(history.takeWarning()?.code).toBe("no-history");
  expect(history.write(() => history.addEdits(["/p/a.py"], 1))).toBe(true);
  expect(temp.open().edits()).toHaveLength(1);
});

test("old runs, outcomes and tests go when there are too many; of a huge run at least the newest stays", () => {
  using temp = new TempHistory();
  const history = temp.open({ runs: 30, outcomes: 15, tests: 2 });
  history.addRun(runEntry(outcomes({ old: "passed" })));
  for (let run = 2; run <= 49; run += 1) history.addRun(runEntry(outcomes({ [A]: "passed" })));
  history.addRun(runEntry(outcomes({ [A]: "failed", [B]: "passed" })));
  expect(history.runs(100)).toHaveLength(30);
  expect(history.recentOutcomes(SUITE, A, 100)).toHaveLength(14);
  expect([...history.lastOutcomes(SUITE).keys()]).toEqual([A, B]);
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`many-${index}`, "passed" as const]));
  for (let run = 51; run <= 100; run += 1) history.addRun(runEntry(outcomes(many)));
  expect(history.recentOutcomes(SUITE, nodeId("many-1"), 100)).toEqual([]);
  expect(history.recentOutcomes(SUITE, nodeId("many-19"), 100).map(({ run }) => run)).toEqual([100]);
});
