import { describe, expect, test } from "vitest";
import { SourceGraph } from "../../../src/graph/source-graph.ts";
import { type Changes, findAffected, type KnownTest, type TestRecord } from "../../../src/plan/affected.ts";
import type { SourceFacts } from "../../../src/protocol/sources.ts";

const NOTHING_LEFT = { digest: "", places: [], reason: "" };

function facts(path: string, more: Partial<SourceFacts> = {}): SourceFacts {
  return {
    path,
    version: "1",
    module: "m",
    functions: {},
    imports: [],
    strings: [],
    dynamic: "",
    left: NOTHING_LEFT,
    keepers: [],
    ...more,
  };
}

const FILES = [
  facts("/p/app/calc.py", { functions: { add: "1", early: "1" } }),
  facts("/p/app/cache.py", { functions: { keep: "1" }, imports: ["app.calc"], keepers: ["keep"] }),
  facts("/p/app/table.py", {}),
  facts("/p/app/plugin.py", {
    imports: ["app.table"],
    left: { digest: "1", places: ["app.table"], reason: "line 3" },
  }),
  facts("/p/tests/test_calc.py", { imports: ["app.calc"] }),
  facts("/p/tests/test_cache.py", { imports: ["app.cache", "app.plugin"] }),
  facts("/p/tests/test_table.py", { imports: ["app.table"] }),
  facts("/p/tests/test_free.py"),
];

const ENTRIES = new Set(FILES.map(({ path }) => path).filter((path) => path.includes("/tests/")));

function record(...functions: string[]): TestRecord {
  return { functions: new Set(functions), opened: new Map(), loaded: new Set(), always: "" };
}

function known(file: string, of: TestRecord | null, more: Partial<KnownTest> = {}): KnownTest {
  return { file: `/p/tests/${file}`, outcome: "passed", record: of, outdated: "", ...more };
}

const TESTS = new Map<string, KnownTest>([
  ["calc", known("test_calc.py", record("/p/app/calc.py::add"))],
  ["first", known("test_cache.py", record("/p/app/cache.py::keep", "/p/app/calc.py::add"))],
  ["second", known("test_cache.py", record("/p/tests/test_cache.py::second"))],
  ["table", known("test_table.py", record())],
  ["free", known("test_free.py", record())],
]);

function affected(
  change: { path: string; before?: Partial<SourceFacts> | null; now: Partial<SourceFacts> | null } | null,
  { tests = TESTS, versions = new Map(), everything = null, ran = ["early"] as readonly string[] | null } = {},
): Readonly<Record<string, string>> {
  const files = new Map(FILES.map((each) => [each.path, each]));
  const graph = new SourceGraph(files, [], ENTRIES);
  const own = change === null ? null : (files.get(change.path) ?? facts(change.path));
  const sources: Changes["sources"] =
    change === null || own === null
      ? []
      : [
          {
            path: change.path,
            before: change.before === null ? null : { ...own, ...change.before },
            now: change.now === null ? null : { ...own, ...change.now },
          },
        ];
  const found = findAffected(
    tests,
    { sources, versions, everything },
    { has: (path) => graph.has(path), traceOf: SourceGraph.traceOf, reach: (nodes) => graph.reach(nodes) },
    () => (ran === null ? null : new Set(ran)),
    new Map([["/p/app/cache.py::keep", "/p/app/cache.py"]]),
    (path) => path.replace("/p/", ""),
  );
  return Object.fromEntries(found.reasons);
}

describe("the body of a function", () => {
  test("affects who executed it, and who may find its result in a cache", () => {
    expect(affected({ path: "/p/app/calc.py", now: { functions: { add: "2", early: "1" } } })).toEqual({
      calc: "executes add() of app/calc.py",
      first: "executes add() of app/calc.py",
      second: "app/cache.py may keep a result of what has changed",
    });
  });

  test("affects all who import the file where it ran while importing", () => {
    const found = affected({ path: "/p/app/calc.py", now: { functions: { add: "1", early: "2" } } });
    expect(Object.keys(found)).toEqual(["calc", "first", "second"]);
  });

  test("affects all who import the file where nothing is known of functions", () => {
    const found = affected({ path: "/p/app/calc.py", now: { functions: { add: "2", early: "1" } } }, { ran: null });
    expect(found).toEqual({ calc: "imports app/calc.py", first: "imports app/calc.py", second: "imports app/calc.py" });
  });

  test("of which only comments and lines differ affects nobody", () => {
    expect(affected({ path: "/p/app/calc.py", now: {} })).toEqual({});
  });
});

describe("the module level", () => {
  test("affects all who import it, however far", () => {
    expect(Object.keys(affected({ path: "/p/app/calc.py", now: { module: "n" } }))).toEqual([
      "calc",
      "first",
      "second",
    ]);
  });

  test("that leaves something in another module affects who imports that", () => {
    const left = { digest: "2", places: ["app.table"], reason: "line 3" };
    expect(Object.keys(affected({ path: "/p/app/plugin.py", now: { module: "n", left } }))).toEqual([
      "first",
      "second",
      "table",
    ]);
  });

  test("of a renamed function is a change of the module", () => {
    const found = affected({ path: "/p/app/calc.py", now: { functions: { sum: "1", early: "1" } } });
    expect(Object.keys(found)).toEqual(["calc", "first", "second"]);
  });

  test("of a file with hooks affects everything", () => {
    const found = affected({ path: "/p/app/calc.py", now: { module: "n", functions: { pytest_configure: "1" } } });
    expect(Object.keys(found)).toEqual([...TESTS.keys()]);
  });

  test("that does not compile affects everything", () => {
    expect(Object.keys(affected({ path: "/p/app/calc.py", now: { module: null } }))).toEqual([...TESTS.keys()]);
  });

  test("of a file that no text has led to affects everything", () => {
    const found = affected({ path: "/p/conftest_plugin.py", before: null, now: { functions: { pytest_x: "1" } } });
    expect(Object.keys(found)).toEqual([...TESTS.keys()]);
  });
});

test("a changed file affects who opened another version of it", () => {
  const opened = new Map([["/p/data.json", "1"]]);
  const tests = new Map([
    ["old", known("test_free.py", { ...record(), opened })],
    ["new", known("test_free.py", { ...record(), opened: new Map([["/p/data.json", "2"]]) })],
  ]);
  expect(affected(null, { tests, versions: new Map([["/p/data.json", "2"]]) })).toEqual({ old: "opens data.json" });
});

test("after an error in set-up or tear-down all tests run, where any does", () => {
  const tests = new Map([...TESTS, ["broken", known("test_free.py", record(), { outcome: "error" })]]);
  const found = affected({ path: "/p/tests/test_table.py", now: { module: "n" } }, { tests });
  expect(Object.keys(found).toSorted()).toEqual([...tests.keys()].toSorted());
  expect(affected(null, { tests })).toEqual({});
});

test("what is not known runs", () => {
  const tests = new Map([
    ["no outcome", known("test_free.py", record(), { outcome: null })],
    ["no record", known("test_free.py", null)],
    ["process", known("test_free.py", { ...record(), always: "starts another process" })],
    ["waits", known("test_free.py", record(), { outdated: "imports app/calc.py" })],
    ["known", known("test_free.py", record())],
  ]);
  expect(affected(null, { tests })).toEqual({
    "no outcome": "its last outcome is not known",
    "no record": "it is not known what it depends on",
    process: "starts another process",
    waits: "imports app/calc.py",
  });
});

test("a change of more than bodies affects who executes something of that file, however it came to it", () => {
  const tests = new Map([
    ["by registry", known("test_free.py", record("/p/app/calc.py::add"))],
    ["not at all", known("test_free.py", record("/p/app/cache.py::keep"))],
  ]);
  expect(affected({ path: "/p/app/calc.py", now: { module: "n" } }, { tests })).toEqual({
    "by registry": "executes add() of app/calc.py",
  });
});

test("a change of a module affects tests of files that are no source", () => {
  const tests = new Map([["guide", known("guide.txt", record())]]);
  const found = affected({ path: "/p/app/calc.py", now: { module: "n" } }, { tests });
  expect(found).toEqual({ guide: "what tests/guide.txt imports is not known" });
  const body = affected({ path: "/p/app/calc.py", now: { functions: { add: "2", early: "1" } } }, { tests });
  expect(body).toEqual({});
});

test("a file that one test has read into a cache affects who may find it there", () => {
  const opened = new Map([["/p/data.json", "1"]]);
  const tests = new Map([
    ["reads", known("test_cache.py", { ...record("/p/app/cache.py::keep"), opened })],
    ["finds", known("test_cache.py", record())],
    ["free", known("test_free.py", record())],
  ]);
  const versions = new Map([["/p/data.json", "2"]]);
  const kept = "app/cache.py may keep a result of what has changed";
  expect(affected(null, { tests, versions })).toEqual({ reads: "opens data.json", finds: kept });
  const unknown = new Map([...tests, ["reads", known("test_cache.py", { ...record(), functions: null, opened })]]);
  expect(affected(null, { tests: unknown, versions })).toEqual({ reads: "opens data.json", finds: kept });
});

test("of several changed modules the one is named that a test's file imports", () => {
  const files = new Map(FILES.map((each) => [each.path, each]));
  const graph = new SourceGraph(files, [], ENTRIES);
  const changed = ["/p/app/table.py", "/p/app/calc.py"].map((path) => ({
    path,
    before: facts(path),
    now: facts(path, { module: "another" }),
  }));
  const { reasons } = findAffected(
    TESTS,
    { sources: changed, versions: new Map(), everything: null },
    { has: (path) => graph.has(path), traceOf: SourceGraph.traceOf, reach: (nodes) => graph.reach(nodes) },
    () => new Set(),
    new Map(),
    (path) => path.replace("/p/", ""),
  );
  expect(reasons.get("calc")).toBe("imports app/calc.py");
  expect(reasons.get("table")).toBe("imports app/table.py");
});
