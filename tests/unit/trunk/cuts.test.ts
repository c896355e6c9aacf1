import { expect, test } from "vitest";
import { type ComingTimeline, type CutBudget, placeCuts, placeCutsExactly } from "../../../src/trunk/cuts.ts";
import type { EditSigns } from "../../../src/trunk/likelihood.ts";
import type { TimelineStep } from "../../../src/trunk/timeline.ts";

test("every timeline is cut where a project's parts begin", () => {
  expect(placeCuts([], [])).toEqual({ files: [], conftests: true, firstModule: true, firstTest: true });
});

test("what was edited last comes first, each file once", () => {
  expect(placeCuts(["a.py", "b.py", "a.py", "c.py"], []).files).toEqual(["c.py", "a.py", "b.py"]);
});

test("files that were edited long ago lose their cut: each one is a process", () => {
  const edited = Array.from({ length: 30 }, (_, place) => `${place}.py`);
  expect(placeCuts(edited, []).files).toEqual(["29.py", "28.py", "27.py", "26.py", "25.py", "24.py", "23.py", "22.py"]);
});

const NO_SIGNS: EditSigns = { edited: [], changed: new Set(), commits: [] };
const PLENTY: CutBudget = { most: 12, priceMs: 10 };

// 100 ms of pytest, a conftest, 300 ms of packages in the middle of the application, two test files.
const STEPS: readonly TimelineStep[] = [
  step("library", null, 100),
  step("conftest", "/p/conftest.py", 5),
  step("module", "/p/core.py", 200),
  step("library", "/site/pandas.py", 300),
  step("module", "/p/views.py", 400),
  step("testfile", "/p/test_core.py", 100),
  step("testfile", "/p/test_views.py", 100),
];

test("what was just edited gets its cut at any price, known or not", () => {
  const coming = timeline({ justEdited: ["/p/views.py", "/p/data.json"] });
  expect(placeCutsExactly(coming, NO_SIGNS, { most: 0, priceMs: 10_000 })).toEqual({
    files: ["/p/data.json", "/p/views.py"],
    conftests: false,
    firstModule: false,
    firstTest: false,
  });
});

test("where nothing was edited, cuts lie where they save the most", () => {
  expect(placeCutsExactly(timeline(), NO_SIGNS, { ...PLENTY, most: 2 }).files).toEqual([
    "/p/views.py",
    "/p/test_core.py",
  ]);
});

test("one that lasts long in front of it is worth a cut, one that hardly does is not", () => {
  const { files } = placeCutsExactly(timeline(), NO_SIGNS, PLENTY);
  expect(files).not.toContain("/p/core.py");
  expect(files).toContain("/p/conftest.py");
});

test("where packages come first, they are no time that a cut behind them saves", () => {
  const signs = { ...NO_SIGNS, edited: ["/p/views.py"] };
  const inPlace = placeCutsExactly(timeline(), signs, { most: 1, priceMs: 400 });
  const ahead = placeCutsExactly(timeline({ hasPackagesAhead: true }), signs, { most: 1, priceMs: 400 });
  expect([inPlace.files, ahead.files]).toEqual([["/p/views.py"], []]);
});

test("what the checkpoint has executed gets no cut, nor test files that are not collected", () => {
  const coming = timeline({
    executed: new Set(["/p/conftest.py", "/p/core.py"]),
    startMs: null,
    isWanted: (path) => path === "/p/test_views.py",
  });
  expect(placeCutsExactly(coming, NO_SIGNS, { most: 12, priceMs: 0 }).files).toEqual(["/p/test_views.py"]);
});

function timeline(rest: Partial<ComingTimeline> = {}): ComingTimeline {
  const nothing = { executed: new Set<string>(), justEdited: [], checkpoints: [], startMs: 0, hasPackagesAhead: false };
  return { ...nothing, steps: STEPS, isWanted: () => true, ...rest };
}

function step(kind: TimelineStep["kind"], path: string | null, ownMs: number): TimelineStep {
  return { kind, path, ownMs };
}
