import { describe, expect, test } from "vitest";
import type { KnownTest, TestRecord } from "../../../src/plan/affected.ts";
import { type Decided, explain } from "../../../src/plan/explain.ts";
import type { RunRecord } from "../../../src/protocol/events.ts";

const RECORD: TestRecord = {
  functions: new Set(["/p/app/tax.py::rate", "/p/app/tax.py::tax"]),
  opened: new Map([["/p/data.json", "1"]]),
  loaded: new Set(),
  always: "",
};

function known(more: Partial<KnownTest> = {}): KnownTest {
  return { file: "/p/test_tax.py", outcome: "passed", record: RECORD, outdated: "", ...more };
}

const TESTS = new Map<string, KnownTest>([
  ["test_tax.py::test_rate", known()],
  ["test_tax.py::test_free", known({ record: { ...RECORD, functions: null }, outcome: "skipped" })],
  ["test_tax.py::test_late", known({ outdated: "executes rate() of app/tax.py", outcome: "error" })],
  ["test_tax.py::test_gone", known({ outcome: "failed", record: null })],
]);

function decided(more: Partial<Decided> = {}): Decided {
  return {
    at: "14:03:07",
    affected: {
      everything: null,
      reasons: new Map([
        ["test_tax.py::test_rate", "executes rate() of app/tax.py"],
        ["test_tax.py::test_late", "executes rate() of app/tax.py"],
      ]),
      changes: new Map([["/p/app/tax.py", "body of rate()"]]),
    },
    isNarrowed: true,
    collected: new Set(["test_tax.py::test_rate", "test_tax.py::test_free", "test_tax.py::test_late"]),
    tests: TESTS,
    record: { way: "patched", reason: "1 function replaced" } as RunRecord,
    readers: new Map([["/p/rates.json", "app.tax"]]),
    name: (path) => path.replace("/p/", ""),
    ...more,
  };
}

function said(about: string, more: Partial<Decided> = {}): string {
  return `\n${explain(decided(more), about).join("\n")}\n`;
}

describe("the last run", () => {
  test("is told with what changed, what was affected, and why", () => {
    expect(said("")).toBe(`
the last run of a watch, 14:03:07
  patched           1 function replaced
  changed           app/tax.py: body of rate()
  affected 2        of 3, 1 unaffected, not run
                    2 × executes rate() of app/tax.py
`);
  });

  test("in which all tests ran", () => {
    expect(said("", { isNarrowed: false, record: null })).toContain("  affected 2        of 3, all of them ran\n");
    const everything = { everything: "setup.cfg has changed", reasons: new Map(), changes: new Map() };
    expect(said("", { affected: everything })).toContain("  all tests         setup.cfg has changed\n");
  });

  test("has no more than ten reasons", () => {
    const reasons = new Map(Array.from({ length: 12 }, (_, each) => [`t${each}`, `reason ${each}`]));
    const affected = { everything: null, reasons, changes: new Map() };
    expect(said("", { affected, collected: new Set(reasons.keys()) })).toContain("… and 2 more reasons\n");
  });
});

describe("a test", () => {
  test("that ran", () => {
    expect(said("test_tax.py::test_rate")).toBe(`
ran at 14:03:07: executes rate() of app/tax.py. It passed.
  changed           app/tax.py: body of rate()
  patched           1 function replaced
`);
  });

  test("that was left out, with what is known of it", () => {
    const unaffected = { everything: null, reasons: new Map(), changes: new Map() };
    expect(said("test_tax.py::test_rate", { affected: unaffected })).toBe(`
○ not run at 14:03:07: unaffected. It passed.
  this test         executed 2 functions in 1 files, opened 1 files: none changed
`);
    expect(said("test_tax.py::test_free")).toContain("It was skipped.");
    expect(said("test_tax.py::test_free")).toContain("is known by the modules that its file imports");
  });

  test("that is outdated, is gone, or ran because all did", () => {
    expect(said("test_tax.py::test_late")).toContain(
      "has not run since: outdated at 14:03:07: executes rate() of app/tax.py. It ended in an error.",
    );
    expect(said("test_tax.py::test_gone")).toContain("not collected at 14:03:07. It failed.");
    expect(said("test_tax.py::test_free", { isNarrowed: false })).toContain("ran at 14:03:07: all tests were to run.");
  });
});

describe("a file", () => {
  test("that has changed, by its path or its name", () => {
    const text = `
app/tax.py at 14:03:07: body of rate()
  patched           1 function replaced
  used by           2 of 4 tests execute or open something of it
  affected 2
                    2 × executes rate() of app/tax.py
`;
    expect(said("app/tax.py")).toBe(text);
    expect(said("/p/app/tax.py")).toBe(text);
  });

  test("that a module reads while it is imported", () => {
    expect(said("rates.json")).toBe(`
rates.json had not changed at 14:03:07
  read by           app.tax at import
  used by           0 of 4 tests execute or open something of it
`);
  });

  test("that lets everything run, or may have: nobody has looked at the others", () => {
    const affected = { everything: "rates.json", reasons: new Map(), changes: new Map() };
    expect(said("rates.json", { affected })).toBe(`
rates.json at 14:03:07:
  all tests         rates.json
  read by           app.tax at import
  used by           0 of 4 tests execute or open something of it
`);
  });

  test("that has not, and one that nobody knows", () => {
    expect(said("data.json")).toBe(`
data.json had not changed at 14:03:07
  used by           3 of 4 tests execute or open something of it
`);
    expect(said("other.py")).toBe("\nother.py is neither a test nor a file that the last run of a watch has used\n");
  });
});
