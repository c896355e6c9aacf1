import { expect, test } from "vitest";
import { describeImports } from "../../../src/insight/describe-imports.ts";
import { drawFlame } from "../../../src/insight/flame.ts";
import type { ImportFacts, ModuleRow } from "../../../src/insight/import-facts.ts";
import { ImportGraph } from "../../../src/insight/import-graph.ts";

const SITE = "/env/lib/python3.12/site-packages";
const PYTEST = `${SITE}/_pytest/pathlib.py`;

/** A made-up start: module, file, place of the one it was imported in, own milliseconds. */
function facts(
  rows: readonly (readonly [name: string, file: string, parent: number, ownMs: number])[],
  edges: ImportFacts["edges"],
): ImportFacts {
  const modules = rows.map(([name, file, parent, ownMs]): ModuleRow => {
    const importer = parent === -1 ? PYTEST : (rows[parent]?.[1] ?? "");
    return [name, file, parent, importer, parent === -1 ? 600 : 3, 0, ownMs, ownMs];
  });
  return {
    ...{
      exit: 0,
      python: "3.12.4",
      pytest: "9.0.3",
      totalMs: 1000,
      tests: 3,
      deeds: [],
      errors: [],
      plugins: [],
      notWarm: "",
      functions: null,
    },
    ...{ library: "/usr/lib/python3.12", root: "/p", modules, edges },
  };
}

const SHOP = facts(
  [
    ["conftest", "/p/tests/conftest.py", -1, 10],
    ["shop", "/p/src/shop/__init__.py", 0, 1],
    ["shop.reports", "/p/src/shop/reports.py", 0, 20],
    ["pandas", `${SITE}/pandas/__init__.py`, 2, 300],
    ["pandas.core", `${SITE}/pandas/core.py`, 3, 100],
    ["numpy", `${SITE}/numpy/__init__.py`, 3, 200],
    ["test_a", "/p/tests/test_a.py", -1, 30],
    ["json", "/usr/lib/python3.12/json/__init__.py", 6, 5],
  ],
  [
    ["/p/tests/conftest.py", "shop", 3],
    ["/p/tests/conftest.py", "shop.reports", 3],
    ["/p/src/shop/reports.py", "pandas", 4],
    [`${SITE}/pandas/__init__.py`, "pandas.core", 1],
    [`${SITE}/pandas/__init__.py`, "numpy", 2],
    ["/p/tests/test_a.py", "shop.reports", 1],
    ["/p/tests/test_a.py", "json", 2],
  ],
);

test("a package saves what only it needs, and says who imports it", () => {
  expect(new ImportGraph(SHOP).lazyCandidates(10)).toEqual([
    { name: "pandas", savesMs: 600, modules: 3, importers: [{ file: "/p/src/shop/reports.py", line: 4 }] },
    { name: "json", savesMs: 5, modules: 1, importers: [{ file: "/p/tests/test_a.py", line: 2 }] },
  ]);
});

test("what a test imports of the application is needed, and what two packages need is not saved by one of them", () => {
  const also = { ...SHOP, edges: [...SHOP.edges, ["/p/tests/conftest.py", "numpy", 9] as const] };
  expect(new ImportGraph(also).lazyCandidates(1)).toMatchObject([{ name: "pandas", savesMs: 400, modules: 2 }]);
});

test("what code in C imports belongs to the module in which it happened", () => {
  const rows = facts(
    [
      ["test_a", "/p/test_a.py", -1, 1],
      ["fast", `${SITE}/fast.so`, 0, 10],
      ["fast_helper", `${SITE}/fast_helper.py`, 1, 90],
    ],
    [["/p/test_a.py", "fast", 1]],
  );
  expect(new ImportGraph(rows).lazyCandidates(5)).toMatchObject([{ name: "fast", savesMs: 100, modules: 2 }]);
});

test("the tree adds up to the whole start", () => {
  expect(describeImports(SHOP, "pytest tests")).toEqual([
    "  1.00 s ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇  pytest tests: 3 tests, 8 modules",
    "  0.60 s ▇▇▇▇▇▇▇▇▇▇▇▇          ├ third-party, Python's own included   3 packages",
    "  0.40 s ▇▇▇▇▇▇▇▇              │ ├ pandas   first by src/shop/reports.py:3",
    "  0.20 s ▇▇▇▇                  │ ├ numpy   first by src/shop/reports.py:3",
    "    5 ms                       │ ├ json   first by tests/test_a.py:3",
    "   21 ms                       ├ application   2 modules; most by itself: shop.reports 20 ms",
    "   10 ms                       ├ conftests   1 file; most by itself: conftest 10 ms",
    "   30 ms ▇                     ├ tests   1 file; most by itself: test_a 30 ms",
    "  0.33 s ▇▇▇▇▇▇▇               └ pytest's own work: options, plugins, collecting",
    "would save most if imported on first use:",
    " 1    0.60 s  pandas (3 modules): only src/shop/reports.py:4 imports it",
    " 2      5 ms  json (1 module): only tests/test_a.py:2 imports it",
  ]);
});

test("the picture has a box for each module that can be seen, and names as text", () => {
  const picture = drawFlame(facts([["<a&b>", "/p/a.py", -1, 500]], []));
  expect(picture).toContain("<title>&lt;a&amp;b&gt;: 0.50 s");
  expect(picture.match(/<rect /g)).toHaveLength(1);
});
