import { expect, test } from "vitest";
import { describeUnused } from "../../../src/insight/describe-unused.ts";
import type { ImportFacts, ModuleRow } from "../../../src/insight/import-facts.ts";
import { findUnused } from "../../../src/insight/unused-modules.ts";

const SITE = "/env/lib/python3.12/site-packages";

/** Name, file, own milliseconds, functions, whether one ran before the tests. */
const MODULES = [
  ["shop", "/p/shop/__init__.py", 1, 0, false],
  ["shop.cart", "/p/shop/cart.py", 5, 4, false],
  ["shop.old", "/p/shop/old.py", 30, 2, false],
  ["shop.dear", "/p/shop/dear.py", 70, 1, false],
  ["shop.hooks", "/p/shop/hooks.py", 2, 1, true],
  ["pandas", `${SITE}/pandas/__init__.py`, 300, 2, true],
  ["pandas.io", `${SITE}/pandas/io.py`, 100, 5, false],
  ["numpy", `${SITE}/numpy/__init__.py`, 90, 5, true],
  ["six", `${SITE}/six.py`, 3, 9, true],
  ["json", "/usr/lib/python3.12/json/__init__.py", 5, 3, false],
] as const;

const FACTS: ImportFacts = {
  ...{ exit: 0, python: "3.12.4", pytest: "9.0.3", totalMs: 1000, tests: 9, deeds: [], errors: [], plugins: [] },
  ...{ notWarm: "", library: "/usr/lib/python3.12", root: "/p" },
  modules: MODULES.map(([name, file, ownMs]): ModuleRow => [name, file, -1, "/p/main.py", 1, 0, ownMs, ownMs]),
  edges: [
    ["/p/shop/__init__.py", "shop.old", 2],
    ["/p/shop/cart.py", "shop.old", 7],
    ["/p/shop/__init__.py", "shop.dear", 3],
    ["/p/shop/cart.py", "pandas", 1],
    ["/p/shop/cart.py", "pandas.io", 2],
    ["/p/shop/cart.py", "numpy", 3],
    [`${SITE}/pandas/__init__.py`, "six", 1],
  ],
  functions: MODULES.map(([, file, , count, hasRun]) => [file, count, hasRun]),
};

test("what no test has used is told by kind, the most expensive first, and what cannot be known", () => {
  const executed = { tests: 8, files: new Set(["/p/shop/cart.py", `${SITE}/numpy/__init__.py`]), startProcesses: 2 };
  expect(describeUnused(findUnused(FACTS, executed), executed, FACTS)).toEqual([
    "no test ran a function of these modules of the application (8 tests in one run; own import time):",
    " 1     70 ms  shop.dear (1 function): only shop/__init__.py:3 imports it",
    " 2     30 ms  shop.old (2 functions): 2 files import it, shop/__init__.py:2 is one",
    "a function of these ran while they were imported, and none in a test:",
    " 1      2 ms  shop.hooks (1 function)",
    "no test ran a function of these packages, which files of the project import:",
    " 1    0.40 s  pandas (2 modules): only shop/cart.py:1 imports it",
    "not told: what is used of a module without running a function of it, and functions in C",
    "  1 module without functions (constants, classes without methods, imports of others): 1 ms, shop most",
    "  what ran in the processes that 2 tests started",
    "  what 1 test would use that did not run",
  ]);
});

test("where everything was run, that is what is said", () => {
  const executed = { tests: 9, files: new Set(MODULES.map(([, file]) => file)), startProcesses: 0 };
  const lines = describeUnused(findUnused(FACTS, executed), executed, FACTS);
  expect(lines[0]).toBe("of every module of the application that has functions, one was run (9 tests in one run)");
  expect(lines).toHaveLength(2);
});
