import { expect, test } from "vitest";
import { nameRow, reckonBench, worthProfiling } from "../../../src/insight/bench.ts";
import { describeBench } from "../../../src/insight/describe-bench.ts";
import type { FixtureCost, TestCost } from "../../../src/protocol/events.ts";
import { cost } from "./costs.ts";

const asIs = (path: string): string => path;
const DB: FixtureCost = { name: "db", path: "conftest.py", line: 22, scope: "function", wallMs: 50, cpuMs: 1 };

const reckon = (...runs: (readonly TestCost[])[]) => reckonBench(runs, 2, asIs) ?? expect.unreachable();

/** Tests one after another. */
function inARow(
  tests: readonly (readonly [id: string, wallMs: number, cpuMs?: number, over?: Partial<TestCost>])[],
): readonly TestCost[] {
  let startMs = 0;
  return tests.map(([id, wallMs, cpuMs = wallMs, over = {}]) => {
    const made = cost(id, startMs, wallMs, cpuMs, over);
    startMs += wallMs + made.setup.wallMs;
    return made;
  });
}

test("a fixture that is set up for every test gives back all set-ups but one", () => {
  const setup = { wallMs: 50, cpuMs: 1 };
  const run = inARow(
    Array.from(
      { length: 6 },
      (_, index) => [`test_${index % 2}.py::t${index}`, 1, 1, { setup, fixtures: [DB] }] as const,
    ),
  );
  expect(reckon(run, run).levers).toEqual([
    {
      kind: "shared set-up",
      givesBackMs: 250,
      where: "fixture db, conftest.py:22",
      evidence: "scope function: 6 × 50 ms, where one is enough; one for each of 2 files gives back 0.20 s",
    },
  ]);
});

test("a set-up that is short has a part of a millisecond", () => {
  const fixture = { ...DB, wallMs: 0.486 };
  const run = inARow(
    Array.from({ length: 100 }, (_, index) => [`t.py::t${index}`, 1, 1, { fixtures: [fixture] }] as const),
  );
  expect(reckon(run).levers[0]?.evidence).toBe("scope function: 100 × 0.49 ms, where one is enough");
});

test("the scope of a fixture that is installed is nobody's to change", () => {
  const fixture = { ...DB, path: "/env/lib/python3.12/site-packages/_pytest/tmpdir.py" };
  const run = inARow(Array.from({ length: 6 }, (_, index) => [`t${index}`, 1, 1, { fixtures: [fixture] }] as const));
  expect(reckon(run).levers).toEqual([]);
});

test("a call that waits gives back what it waits, one that computes at most all of it, one that does both is split", () => {
  const { levers } = reckon(
    inARow([
      ["sleeper", 400, 20],
      ["spinner", 300, 290],
      ["mixed", 200, 100],
      ["short", 10],
    ]),
  );
  expect(levers.map(({ kind, where, givesBackMs }) => [kind, where, givesBackMs])).toEqual([
    ["waiting", "sleeper", 380],
    ["computing", "spinner", 300],
    ["slow call", "mixed", 200],
  ]);
  expect(levers[2]?.evidence).toBe("at most all of call 0.20 s: 0.10 s computing, 0.10 s waiting");
});

test("parameter sets of one test are one line", () => {
  const { levers } = reckon(
    inARow([
      ["t.py::s[1]", 100, 0],
      ["t.py::s[2]", 200, 0],
      ["t.py::other", 90, 0],
    ]),
  );
  expect(levers.map(({ where, givesBackMs }) => [where, givesBackMs])).toEqual([
    ["t.py::s[2]", 300],
    ["t.py::other", 90],
  ]);
  expect(levers[0]?.evidence).toBe("the longest of 2 parameter sets: call 0.20 s, CPU 0 %");
});

test("a test whose set-up takes longer than itself is told with what takes most of it, less what shared set-ups tell", () => {
  const heavy = { ...DB, name: "index", line: 30, wallMs: 180 };
  const other = { ...DB, name: "TestShop.setup_method", wallMs: 20 };
  const setup = { wallMs: 250, cpuMs: 0 };
  const shared = Array.from(
    { length: 6 },
    (_, index) => [`t${index}`, 1, 1, { setup: { wallMs: 50, cpuMs: 0 }, fixtures: [DB] }] as const,
  );
  const { levers } = reckon(inARow([...shared, ["heavy", 10, 10, { setup, fixtures: [DB, other, heavy] }]]));
  expect(levers.map(({ kind, where, givesBackMs }) => [kind, where, givesBackMs])).toEqual([
    ["shared set-up", "fixture db, conftest.py:22", 300],
    ["set-up", "heavy", 200],
  ]);
  expect(levers[1]?.evidence).toBe(
    "at most all of set-up 0.20 s (fixture index, conftest.py:30 takes 0.18 s of it), call 10 ms",
  );
});

test("set-ups that are no fixtures are named as they are written", () => {
  const fixture = { ...DB, name: "TestShop.setup_method", path: "test_shop.py" };
  const run = inARow(Array.from({ length: 6 }, (_, index) => [`t${index}`, 1, 1, { fixtures: [fixture] }] as const));
  expect(reckon(run).levers[0]?.where).toBe("TestShop.setup_method, test_shop.py:22");
});

test("the best possible time is the work on all cores, or the longest test", () => {
  expect(
    reckon(
      inARow([
        ["a", 100],
        ["b", 300],
        ["c", 400],
      ]),
    ),
  ).toMatchObject({ workMs: 800, bestMs: 400, wallMs: 800 });
  expect(
    reckon(
      inARow([
        ["a", 100],
        ["b", 600],
      ]),
    ).bestMs,
  ).toBe(600);
});

test("times are means of the runs, and timings that vary by 40 % and more are unstable", () => {
  const runs = [100, 200, 300].map((ms) =>
    inARow([
      ["steady", 50],
      ["varies", ms],
      ["tiny", ms / 100],
    ]),
  );
  expect(reckon(...runs)).toMatchObject({
    runs: 3,
    tests: 3,
    workMs: 252,
    wallSpread: (353 - 151) / 2 / 252,
    unstable: [{ id: "varies", leastMs: 100, mostMs: 300, variation: 0.5 }],
  });
});

test("what is worth a profile, and how its rows are named", () => {
  expect(
    worthProfiling(
      [
        inARow([
          ["a", 1],
          ["b", 3],
          ["c", 2],
        ]),
      ],
      2,
    ),
  ).toEqual(["b", "c"]);
  const row = { name: "<built-in method time.sleep>", path: "mail.py", line: 40, calls: 1, ownMs: 9 };
  expect(nameRow(row, asIs)).toBe("time.sleep in mail.py:40, 1 call");
  const method = { ...row, name: "<method 'append' of 'list' objects>", calls: 7 };
  expect(nameRow(method, asIs)).toBe("list.append in mail.py:40, 7 calls");
  const lock = { ...row, name: "<method 'release' of '_thread.lock' objects>", path: "" };
  expect(nameRow(lock, asIs)).toBe("_thread.lock.release, 1 call");
  expect(nameRow({ ...row, name: "Cart.total" }, asIs)).toBe("Cart.total in mail.py:40, 1 call");
});

test("ten timings are listed as unstable, and how many more there are", () => {
  const runs = [100, 300].map((ms) => inARow(Array.from({ length: 12 }, (_, index) => [`t${index}`, ms] as const)));
  const lines = describeBench(reckon(...runs), [], { cores: 2, dropped: true, name: asIs });
  expect(lines.slice(lines.findIndex((line) => line.startsWith("unstable"))).slice(10)).toEqual([
    "    71 %   0.10 s to 0.30 s   t9",
    "    … 2 more",
  ]);
});

test("a line for each lever, with where the call spends its time", () => {
  const bench = reckon(inARow([["t.py::retry", 400, 20]]));
  const row = { name: "<built-in method time.sleep>", path: "mail.py", line: 40, calls: 1, ownMs: 395 };
  const profiled = [cost("t.py::retry", 0, 400, 20, { profile: [row] })];
  expect(describeBench(bench, profiled, { cores: 2, dropped: true, name: asIs })).toEqual([
    "1 test in 1 worker · wall 0.40 s (± 0 %, 1 run, first dropped) · work 0.40 s, CPU 20 ms",
    "best possible 0.40 s = max(work / 2 cores, longest 0.40 s: t.py::retry)",
    "    gives back   what            where, and the evidence",
    " 1      0.38 s   waiting         t.py::retry",
    "                                 call 0.40 s, CPU 5 %: time.sleep in mail.py:40, 1 call",
    "the longest calls, by the own time of what they call (measured with a profiler, which slows calls down):",
    "    0.40 s   t.py::retry",
    "            0.40 s   time.sleep in mail.py:40, 1 call",
  ]);
});
