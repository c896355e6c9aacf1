import { expect, test } from "vitest";
import { type Libraries, learnAhead, NOTHING_AHEAD } from "../../../src/trunk/ahead.ts";

test("nothing learned is nothing ahead", () => {
  expect(learnAhead([], [])).toEqual(NOTHING_AHEAD);
});

test("modules keep the order of the whole timeline, and the file in which they were found", () => {
  const line = [segment(["numpy", "numpy.linalg"]), segment(["decimal"]), segment(["sqlalchemy"])];
  expect(learnAhead(line, []).modules.map(([name]) => name)).toEqual([
    "numpy",
    "numpy.linalg",
    "decimal",
    "sqlalchemy",
  ]);
  expect(learnAhead(line, []).modules[0]).toEqual(["numpy", "/site/numpy.py"]);
});

test("pytest's own modules stay in their place, those of its plugins do not", () => {
  const own = ["pytest", "_pytest", "_pytest.terminal", "pluggy", "pluggy._hooks", "iniconfig", "prewarm._wire"];
  const line = [segment([...own, "pytest_mock", "pytestqt", "_pytester", "pluggyx"])];
  const names = learnAhead(line, []).modules.map(([name]) => name);
  expect(names).toEqual(["pytest_mock", "pytestqt", "_pytester", "pluggyx"]);
});

test("what failed to import is left to those who do without it", () => {
  expect(
    learnAhead([segment(["yaml", "yaml._yaml", "simplejson"])], ["simplejson"]).modules.map(([name]) => name),
  ).toEqual(["yaml", "yaml._yaml"]);
});

test("of a package with a module that pytest rewrites nothing comes ahead, wherever that was learned", () => {
  const line = [segment(["helpers", "helpers.data", "helpersx", "attr"]), segment([], ["helpers.asserts"])];
  expect(learnAhead(line, [])).toEqual({
    modules: [
      ["helpersx", "/site/helpersx.py"],
      ["attr", "/site/attr.py"],
    ],
    never: ["helpers.asserts"],
  });
});

function segment(names: readonly string[], rewritten: readonly string[] = []): Libraries {
  return { libraries: names.map((name) => [name, `/site/${name}.py`] as const), rewritten };
}
