import { expect, test } from "vitest";
import { TEST_STATES } from "../../../src/report/test-state.ts";
import { buildTree, type Tree } from "../../../web/tests/build-tree.ts";
import { rollUp, STATE_NUMBERS } from "../../../web/tests/roll-up.ts";
import { findWanted, visibleRows } from "../../../web/tests/visible-rows.ts";

const IDS = [
  "tests/unit/test_a.py::test_one",
  "tests/unit/test_a.py::TestB::test_two[x::y/z]",
  "test_top.py::test_three",
  "tests/unit/test_a.py::TestB::test_two",
  "tests/test_c.py",
];

function draw(tree: Tree, nodes: Iterable<number>): readonly string[] {
  return [...nodes].map((node) => `${"  ".repeat(tree.depths[node] ?? 0)}${tree.names[node]}`);
}

test("what is in one folder stands together, whatever the order of the ids and their parameters", () => {
  const tree = buildTree(IDS);
  expect(draw(tree, tree.names.keys())).toEqual([
    "tests",
    "  unit",
    "    test_a.py",
    "      test_one",
    "      TestB",
    "        test_two[x::y/z]",
    "        test_two",
    "  test_c.py",
    "test_top.py",
    "  test_three",
  ]);
  expect(tree.places.get("tests/unit/test_a.py::TestB")).toBe(4);
  expect([...tree.ends]).toEqual([8, 7, 7, 4, 7, 6, 7, 8, 10, 10]);
});

test("a test and a class of one name are two nodes", () => {
  const tree = buildTree(["test_a.py::same", "test_a.py::same::test_in"]);
  expect(draw(tree, tree.names.keys())).toEqual(["test_a.py", "  same", "  same", "    test_in"]);
});

test("a folder is as its worst test, and has the sum of its times", () => {
  const tree = buildTree(IDS);
  const states = Uint8Array.from(
    [3, 1, 2, 0, 4].map(
      (at) => STATE_NUMBERS[(["failed", "passed", "skipped", "not run", "xfailed"] as const)[at] ?? "failed"],
    ),
  );
  const up = rollUp(tree, states, Float64Array.from([1, 2, 4, 8, 16]));
  const of = (key: string) => {
    const node = tree.places.get(key) ?? -1;
    return [TEST_STATES[up.states[node] ?? -1], up.totals[node], up.failures[node], up.durationsMs[node]];
  };
  expect(of("tests")).toEqual(["failed", 4, 1, 27]);
  expect(of("tests/unit/test_a.py::TestB")).toEqual(["failed", 2, 1, 10]);
  expect(of("tests/test_c.py")).toEqual(["xfailed", 1, 0, 16]);
  expect(of("test_top.py")).toEqual(["skipped", 1, 0, 4]);
});

test("a filter keeps what is wanted and all that it is in; what is closed hides what is in it", () => {
  const tree = buildTree(IDS);
  const lower = IDS.map((id) => id.toLowerCase());
  const states = new Uint8Array(IDS.length);
  const wanted = findWanted(tree, lower, states, { text: "testb z]", states: new Set() });
  const rows = visibleRows(tree, wanted, () => true);
  expect(draw(tree, rows.nodes)).toEqual([
    "tests",
    "  unit",
    "    test_a.py",
    "      TestB",
    "        test_two[x::y/z]",
  ]);
  const closed = visibleRows(tree, undefined, (node) => tree.names[node] === "tests");
  expect(draw(tree, closed.nodes)).toEqual(["tests", "  unit", "  test_c.py", "test_top.py"]);
  expect([...closed.positions]).toEqual([1, 1, 2, 2]);
  expect([...closed.sizes]).toEqual([2, 2, 2, 2]);
  states[2] = 5;
  const five = findWanted(tree, lower, states, { text: "", states: new Set([5]) });
  expect(draw(tree, visibleRows(tree, five, () => true).nodes)).toEqual(["test_top.py", "  test_three"]);
  expect(findWanted(tree, lower, states, { text: "", states: new Set() })).toBeUndefined();
});
