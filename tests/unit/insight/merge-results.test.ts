import { expect, test } from "vitest";
import { describeMerge } from "../../../src/insight/describe-merge.ts";
import { durationsOf, type MergedRun, mergeResults, type NamedResults } from "../../../src/insight/merge-results.ts";
import type { Outcome } from "../../../src/protocol/events.ts";
import type { RunResults } from "../../../src/protocol/results-schema.ts";

type Outcomes = Readonly<Record<string, Outcome | null>>;

function share(
  index: number,
  outcomes: Outcomes,
  other: Partial<RunResults> = {},
  name = `${index}.json`,
): NamedResults {
  const tests = Object.entries(outcomes).map(([id, outcome]) => ({ id, outcome, durationMs: 10, text: `of ${id}` }));
  const whole = { format: "prewarm results 1" as const, startedMs: index, exit: 0, tests, broken: [] };
  return { name, results: { ...whole, share: { index, of: 2, split: "s", total: 2 }, ...other } };
}

function merged(...files: readonly NamedResults[]): MergedRun {
  const run = mergeResults(files);
  if (typeof run === "string") throw new Error(run);
  return run;
}

test("shares are one run: outcomes, durations, and the gravest exit code", () => {
  const run = merged(share(2, { b: "failed" }, { exit: 1 }), share(1, { a: "passed" }));
  expect(run.exit).toBe(1);
  expect(Object.fromEntries([...run.tests].map(([id, { outcome }]) => [id, outcome]))).toEqual({
    a: "passed",
    b: "failed",
  });
  expect(durationsOf(run)).toEqual({ a: 10, b: 10 });
  expect(describeMerge(run)).toEqual([
    "✗ b failed",
    "of b",
    "",
    "✗ 1 failed, 1 passed · 2 shares · 20 ms of tests · exit code 1",
  ]);
  const codes = (one: number, two: number) =>
    merged(share(1, { a: "passed" }, { exit: one }), share(2, { b: "passed" }, { exit: two })).exit;
  expect([codes(0, 0), codes(0, 5), codes(1, 2), codes(2, 3), codes(4, 2), codes(70, 0)]).toEqual([0, 0, 2, 3, 4, 70]);
});

test("the last try of a share counts, and what it changes is flaky", () => {
  const first = share(1, { a: "failed" }, { exit: 1, startedMs: 5 });
  const second = share(1, { a: "passed" }, { startedMs: 9 }, "1-again.json");
  const run = merged(second, share(2, { b: "passed" }), first);
  expect([run.exit, run.tests.get("a")?.isFlaky, run.tests.get("b")?.isFlaky]).toEqual([0, true, false]);
  expect(describeMerge(run)[0]).toBe("~ a passed in its last try, not so before");
});

test("files that did not collect are told once, and the run is red", () => {
  const broken = [{ id: "test_b.py", text: "SyntaxError" }];
  const run = merged(share(1, { a: null }, { exit: 2, broken }), share(2, { a: null }, { exit: 2, broken }));
  expect([run.exit, run.broken]).toEqual([2, broken]);
});

test("what is not one whole run is refused, in words", () => {
  const one = share(1, { a: "passed" });
  const two = share(2, { b: "passed" });
  const ofOther = { index: 2, of: 2, split: "other", total: 2 };
  const whole = share(1, { a: "passed" }, { share: null });
  for (const [files, reason] of [
    [[one], "share 2 of 2 is missing"],
    [[one, share(2, { b: "passed" }, { share: ofOther })], "2.json and 1.json are of different splits"],
    [[one, share(2, { a: "passed" })], "a is in more than one share, 2.json the second"],
    [[one, share(2, { b: null })], "b has no outcome in 2.json"],
    [[one, share(2, {})], "the split has 2 tests, and 1 have an outcome"],
    [[whole, two], "1.json is of a run without --shard"],
    [[], "there is none"],
  ] as const) {
    expect(mergeResults(files)).toContain(reason);
  }
  expect(merged(whole).tests.size).toBe(1);
  expect(merged(one, two).exit).toBe(0);
});
