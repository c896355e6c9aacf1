import { expect, test } from "vitest";
import { placeCuts } from "../../../src/trunk/cuts.ts";

test("every timeline is cut where a project's parts begin", () => {
  expect(placeCuts([])).toEqual({ files: [], conftests: true, firstModule: true, firstTest: true });
});

test("what was edited last comes first, each file once", () => {
  expect(placeCuts(["a.py", "b.py", "a.py", "c.py"]).files).toEqual(["c.py", "a.py", "b.py"]);
});

test("files that were edited long ago lose their cut: each one is a process", () => {
  const edited = Array.from({ length: 30 }, (_, place) => `${place}.py`);
  expect(placeCuts(edited).files).toEqual(["29.py", "28.py", "27.py", "26.py", "25.py", "24.py", "23.py", "22.py"]);
});
