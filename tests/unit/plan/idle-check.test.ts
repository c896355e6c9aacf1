import { expect, test } from "vitest";
import { type IdleFacts, type IdleRun, planIdleCheck } from "../../../src/plan/idle-check.ts";

const run: IdleRun = {
  ...{ way: "warm", exit: 0, args: ["-q", "tests"], changed: null, startMs: 1_000, tooShortMs: 0 },
  ...{ compared: new Set(), suspects: undefined },
  tests: [
    { id: "a.py::one", durationMs: 500 },
    { id: "a.py::two", durationMs: null },
    { id: "b.py::one", durationMs: 500 },
  ],
};
const facts: IdleFacts = {
  ...{ nowMs: 100_000, bornMs: 0, quietSinceMs: 90_000, spentMs: 0, percent: 10, isOnBattery: false, run },
};

function planOf(change: Partial<IdleFacts>, ofRun: Partial<IdleRun> = {}) {
  return planIdleCheck({ ...facts, run: { ...run, ...ofRun }, ...change });
}

test("a suite that is short enough is looked at as a whole", () => {
  expect(planOf({})).toEqual({ kind: "look", ids: null, limitMs: 6_000 });
});

test("nothing begins at once, on battery, or where it is off", () => {
  expect(planOf({ quietSinceMs: 99_000 })).toMatchObject({ kind: "later", atMs: 104_000 });
  expect(planOf({ isOnBattery: true })).toMatchObject({ kind: "later", atMs: 160_000, reason: "on battery" });
  expect(planOf({ percent: 0 })).toMatchObject({ kind: "never" });
  expect(planOf({ run: null })).toMatchObject({ kind: "never" });
});

test("all looks together stay within their share of the time", () => {
  // 6 s more are a tenth of 60 s, after 10 s were a tenth of 100 s.
  expect(planOf({ spentMs: 10_000 })).toMatchObject({ kind: "later", atMs: 160_000 });
  expect(planOf({ spentMs: 4_000 })).toMatchObject({ kind: "look" });
  let spentMs = 0;
  let nowMs = 0;
  for (let looks = 0; looks < 50; ) {
    const plan = planOf({ nowMs, spentMs, quietSinceMs: 0 });
    if (plan.kind === "later") nowMs = plan.atMs;
    if (plan.kind === "look") {
      // The worst case: each takes all that it is allowed.
      nowMs += plan.limitMs;
      spentMs += plan.limitMs;
      looks += 1;
      expect(spentMs).toBeLessThanOrEqual(nowMs / 10 + 0.001);
    }
  }
});

test("a look that was too short gets more the next time", () => {
  expect(planOf({}, { tooShortMs: 3_000 })).toMatchObject({ kind: "look", limitMs: 9_000 });
});

test("what would not be the same a second time, or write something, is left alone", () => {
  expect(planOf({}, { way: "plain" })).toMatchObject({ kind: "never" });
  expect(planOf({}, { exit: 2 })).toMatchObject({ kind: "never" });
  expect(planOf({}, { exit: null })).toMatchObject({ kind: "never" });
  expect(planOf({}, { changed: "app.py modified" })).toEqual({
    kind: "never",
    reason: "since the last run, app.py modified",
  });
  for (const option of ["--lf", "--junitxml=out.xml", "--cov", "--pdb", "--html=a.html", "--sw", "-n4", "--unknown"])
    expect(planOf({}, { args: ["tests", option] }), option).toMatchObject({ kind: "never" });
  for (const option of ["-q", "-vv", "-x", "-rA", "--tb=short", "--maxfail=2", "-m", "-k", "--deselect=a.py::one"])
    expect(planOf({}, { args: ["tests", option] }), option).toMatchObject({ kind: "look" });
});

test("a long suite is looked at in parts of whole files, until everything was compared", () => {
  const tests = ["a.py::one", "a.py::two", "b.py::one", "c.py::one"].map((id) => ({ id, durationMs: 60_000 }));
  const day = { nowMs: 1e8, quietSinceMs: 0 };
  const first = planOf(day, { tests });
  expect(first).toEqual({ kind: "look", ids: ["a.py::one", "a.py::two"], limitMs: 363_000 });
  expect(planOf(day, { tests, compared: new Set(["a.py::one", "a.py::two"]) })).toMatchObject({ ids: ["b.py::one"] });
  expect(planOf(day, { tests, compared: new Set(tests.map(({ id }) => id)) })).toMatchObject({ kind: "never" });
});

test("a difference is looked at again behind all tests that ran before it", () => {
  const day = { nowMs: 1e8, quietSinceMs: 0 };
  expect(planOf(day, { suspects: new Set(["a.py::two"]) })).toMatchObject({ ids: ["a.py::one", "a.py::two"] });
  expect(planOf(day, { suspects: new Set(["b.py::one"]) })).toMatchObject({ ids: null });
  expect(planOf(day, { suspects: null })).toMatchObject({ ids: null });
});
