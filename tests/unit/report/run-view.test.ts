import { expect, test } from "vitest";
import type { RunEvent } from "../../../src/protocol/events.ts";
import type { NodeId } from "../../../src/protocol/ids.ts";
import { listFailures } from "../../../src/report/failure-list.ts";
import { readFailure } from "../../../src/report/format-failure.ts";
import { applyEvents, EMPTY_VIEW, forgetTests, type RunView } from "../../../src/report/run-view.ts";
import { readVerdict, takeCensus } from "../../../src/report/verdict.ts";
import { begun, ended, idsOf, REFUND, ran } from "./run-events.ts";

const NO_FILTER = { path: "", name: "" };
const CART = idsOf("tests/test_cart.py", 3);
const TAX = idsOf("tests/test_tax.py", 2);
const ALL = [...CART, ...TAX];
const [FIRST = "" as NodeId, SECOND = "" as NodeId] = CART;

function after(view: RunView, ...events: readonly (RunEvent | readonly RunEvent[])[]): RunView {
  return applyEvents(view, events.flat() as RunEvent[], Date.UTC(2026, 0, 5, 14, 3, 7));
}

function words(view: RunView, filter = NO_FILTER): string {
  const { kind, parts } = readVerdict(view, filter);
  return `${kind}: ${parts.join(" · ")}`;
}

const green = after(
  EMPTY_VIEW,
  begun(ALL),
  ALL.flatMap((id) => ran(id)),
  ended(),
);

test("only a whole run says all, and its numbers add up", () => {
  expect(words(green)).toBe("pass: all 5 ran: 5 passed");
  const mixed = after(
    green,
    begun(ALL),
    ran(FIRST, "skipped"),
    ALL.slice(1).flatMap((id) => ran(id)),
    ended(),
  );
  expect(words(mixed)).toBe("pass: all 5 ran: 4 passed, 1 skipped");
  const cut = after(green, begun(ALL), ran(FIRST, "failed", REFUND), ended({ exit: 1 }));
  expect(words(cut)).toBe("fail: 1 failed of 5 · 4 outdated, not run");
});

test("what a run that came to nothing made doubtful stands again where an edit cannot affect it", () => {
  const broken = after(green, ended({ exit: 3 }));
  expect(words(broken)).toBe("fail: pytest ended with exit code 3 · 5 outdated, not run");
  const plan = { tests: 5, affected: 1, unaffected: 3, gone: [], changes: [], reasons: {} };
  const [started, collected] = begun([FIRST], "affected");
  const mended = after(
    broken,
    started ?? [],
    { type: "plan", ...plan, outdated: [SECOND] },
    collected ?? [],
    ran(FIRST),
    ended(),
  );
  expect(words(mended)).toBe("cancelled: 1 outdated, not run · 1 affected passed · 3 unaffected, not run");
});

test("an affected run names the others unaffected, a chosen one not chosen or filtered out", () => {
  const affected = after(
    green,
    begun(CART, "affected"),
    CART.flatMap((id) => ran(id)),
    ended(),
  );
  expect(words(affected)).toBe("pass: 3 affected passed · 2 unaffected, not run");
  const chosen = after(
    green,
    begun(TAX, "chosen"),
    TAX.flatMap((id) => ran(id)),
    ended(),
  );
  expect(words(chosen)).toBe("pass: 2 chosen passed · 3 not chosen, not run");
  expect(words(chosen, { path: "tax", name: "" })).toBe("pass: 2 chosen passed · 3 filtered out, not run");
  const none = after(green, begun([], "affected"), ended({ exit: 5 }));
  expect(words(none)).toBe("none: 0 affected · 5 unaffected, not run");
});

test("a test that is known to fail keeps every verdict red until it passes", () => {
  const red = after(
    green,
    begun(ALL),
    ran(FIRST, "failed", REFUND),
    ALL.slice(1).flatMap((id) => ran(id)),
    ended({ exit: 1 }),
  );
  expect(words(red)).toBe("fail: 1 failed, 4 passed · all 5 ran");
  const other = after(
    red,
    begun(TAX, "affected"),
    TAX.flatMap((id) => ran(id)),
    ended(),
  );
  expect(words(other)).toBe("fail: 1 still failing, not run · 2 affected passed · 2 unaffected, not run");
  const mended = after(other, begun([FIRST], "affected"), ran(FIRST), ended());
  expect(words(mended)).toBe("pass: 1 affected passed · 4 unaffected, not run");
});

test("what was to run and did not is outdated, until it has run", () => {
  const cancelled = after(green, begun(CART, "affected"), ran(FIRST), ended({ exit: 2 }));
  expect(words(cancelled)).toBe("cancelled: 2 outdated, not run · 1 passed of 3 affected · 2 unaffected, not run");
  expect(readVerdict(cancelled, NO_FILTER).served).toBe("cancelled");
  const other = after(
    cancelled,
    begun(TAX, "affected"),
    TAX.flatMap((id) => ran(id)),
    ended(),
  );
  expect(words(other)).toBe("cancelled: 2 outdated, not run · 2 affected passed · 1 unaffected, not run");
  const rest = after(
    other,
    begun(CART.slice(1), "chosen"),
    CART.slice(1).flatMap((id) => ran(id)),
    ended(),
  );
  expect(words(rest)).toBe("pass: 2 chosen passed · 3 not chosen, not run");
});

test("files that do not collect make everything that was asked for outdated", () => {
  const failed: RunEvent = { type: "collect-failed", id: "tests/test_tax.py", text: "E   SyntaxError" };
  const broken = after(green, begun(CART), failed, ended({ exit: 2 }));
  expect(words(broken)).toBe("fail: 1 of 2 test files do not collect · 5 outdated, not run");
  const unstarted = after(green, ended({ exit: 4, way: "resumed" }));
  expect(words(unstarted)).toBe("fail: pytest ended with exit code 4 · 5 outdated, not run");
});

test("a whole run forgets tests that are gone; a superseded one forgets nothing", () => {
  const fewer = after(
    green,
    begun(CART),
    CART.flatMap((id) => ran(id)),
    ended(),
  );
  expect(words(fewer)).toBe("pass: all 3 ran: 3 passed");
  const superseded = after(green, begun(CART), ended({ exit: null }));
  expect(takeCensus(superseded)).toEqual({ outdated: 3, stillFailing: 0, rest: 2 });
  expect([...forgetTests(green, CART).tests.keys()]).toEqual(TAX);
});

test("an exit code that no test explains is no pass", () => {
  const odd = after(
    green,
    begun(ALL),
    ALL.flatMap((id) => ran(id)),
    ended({ exit: 1 }),
  );
  expect(words(odd)).toBe("fail: pytest ended with exit code 1 · all 5 ran: 5 passed");
  expect(words(after(EMPTY_VIEW, begun([]), ended({ exit: 5 })))).toBe("none: no tests");
});

test("new failures come before old ones, with place and message", () => {
  const first = after(green, begun(CART, "affected"), ran(SECOND, "failed", REFUND), ended({ exit: 1 }));
  const view = after(first, begun([FIRST], "affected"), ran(FIRST, "error", "E   KeyError: 'x'"), ended({ exit: 1 }));
  const { lines, more } = listFailures(view, 1);
  expect(lines).toEqual([
    { age: "new", id: FIRST, place: "tests/test_cart.py", name: "test_0", message: "KeyError: 'x'" },
  ]);
  expect(more).toBe(1);
  expect(listFailures(view, 2).lines[1]?.age).toMatch(/^since \d\d:\d\d:07$/);
});

test("a view that is looked at does not change afterwards", () => {
  const before = [...green.tests.values()].map(({ outcome }) => outcome);
  after(green, begun(ALL), ran(FIRST, "failed", REFUND), ended({ exit: 1 }));
  expect([...green.tests.values()].map(({ outcome }) => outcome)).toEqual(before);
});

test.each([
  ["tests/test_checkout.py::test_refund", REFUND, "tests/test_checkout.py:88", "assert 15 == 25"],
  [
    "tests/test_a.py::test_deep",
    "tests/test_a.py:4: \n    deep()\nE   ValueError: no\n\napp/deep.py:9: ValueError",
    "tests/test_a.py:4",
    "ValueError: no",
  ],
  [
    "tests/test_a.py::test_it",
    "/w/tests/test_a.py:4: AssertionError: assert 1 == 2",
    "/w/tests/test_a.py:4",
    "assert 1 == 2",
  ],
  ["tests/test_a.py::test_it", "SIGSEGV while this test ran", "tests/test_a.py", "SIGSEGV while this test ran"],
  [
    "tests/test_a.py::test_it",
    "E       AssertionError: assert [1] == [2]\nE   more",
    "tests/test_a.py",
    "assert [1] == [2]",
  ],
])("place and message of a failure of %s", (id, text, place, message) => {
  expect(readFailure(id, text)).toEqual({ place, message });
});
