import fc from "fast-check";
import { expect, test } from "vitest";
import type { CheckpointStatus, StretchStatus, TrunkStatus } from "../../../src/protocol/api.ts";
import { drawTrunk } from "../../../src/report/trunk-drawing.ts";

const MEBIBYTE = 1024 * 1024;
const ROOT = "/home/ada/shop";

const trunk: TrunkStatus = {
  command: "pytest tests",
  python: "3.12.4",
  pytest: "9.0.3",
  tests: 600,
  modules: 409,
  obstacle: null,
  tipRssBytes: 222 * MEBIBYTE,
  checkpoints: [
    parked({ kind: "start", before: "pytest" }, 34, 113_000, {
      installed: 1310,
      packages: ["pandas", "sqlalchemy", "numpy"],
      durationMs: 1640,
    }),
    parked({ kind: "packages", before: "packages" }, 48, 113_000, { installed: 12, conftests: 1, durationMs: 120 }),
    parked({ kind: "module", before: "shop.db" }, 9, 113_000, { modules: 101, durationMs: 80 }),
    parked({ kind: "module", before: "shop.services.warehouses.stock_takes" }, 12, 113_000, {
      installed: 3,
      modules: 212,
      durationMs: 210,
    }),
    parked({ kind: "testfile", before: `${ROOT}/tests/test_admin.py` }, 14, 36_000, {
      conftests: 2,
      testFiles: 60,
      durationMs: 250,
    }),
    tip(58, 3000),
  ],
};

test("each checkpoint with what it holds back, its time, its age and its memory", () => {
  expect(drawTrunk(trunk, 0, ROOT).join("\n")).toMatchInlineSnapshot(`
    "trunk 1 · pytest tests · 600 tests · 5 checkpoints and the tip
       Python 3.12.4, pytest 9.0.3 · 409 modules · 175 MiB together, the tip by itself 222 MiB
     #  parked before              runs next                    to rebuild                 age    memory
     0  pytest                     1,310 installed: pandas, sq…     1.64 s ▇▇▇▇▇▇▇▇      2 min    34 MiB
     1  pytest, packages loaded    12 installed, 1 conftest         0.12 s ▋             2 min    48 MiB
     2  shop.db                    101 modules                       80 ms ▍             2 min   9.0 MiB
     3  shop.service….stock_takes  212 modules                      0.21 s ▇             2 min    12 MiB
     4  tests/test_admin.py        2 conftests, 60 test files       0.25 s ▇▎             36 s    14 MiB
     ◉  the tip                    600 tests                                               3 s    58 MiB"
  `);
});

test("a tip that was patched, an earlier state that is kept, a thread in the way, and a system that tells no sizes", () => {
  const earlier = [
    { ...parked({ kind: "module", before: "shop.db" }, null, 4000, null), isCurrent: false },
    { ...tip(null, 4000), isCurrent: false },
  ];
  const checkpoints = [tip(null, 95_000), tip(null, 90_000), ...earlier];
  const told = { ...trunk, tipRssBytes: null, obstacle: "shop/metrics.py:14 starts a thread", checkpoints };
  expect(drawTrunk(told, 1, ROOT).join("\n")).toMatchInlineSnapshot(`
    "trunk 2 · pytest tests · 600 tests · 1 checkpoint and 3 tips
       Python 3.12.4, pytest 9.0.3 · 409 modules
       in the way: shop/metrics.py:14 starts a thread
     #  parked before              runs next                    to rebuild                 age    memory
     0  an earlier tip                                                                   2 min
     ◉  the tip                    600 tests                                             2 min
     ·  shop.db                                                                            4 s
     ·  a tip from before an edit                                                          4 s"
  `);
});

test("no line is wider than 100 columns, and all columns end at the same place", () => {
  const size = fc.nat(9999 * MEBIBYTE);
  const checkpoint = fc.record({
    before: fc.stringMatching(/^[a-z._/]{1,80}$/),
    installed: fc.nat(99_999),
    modules: fc.nat(99_999),
    conftests: fc.nat(999),
    testFiles: fc.nat(99_999),
    durationMs: fc.nat(599_000),
    ageMs: fc.nat(35_000_000),
    pssBytes: size,
  });
  fc.assert(
    fc.property(fc.array(checkpoint, { minLength: 1 }), (all) => {
      const checkpoints = all.map(({ before, pssBytes, ageMs, ...next }) => ({
        ...parked({ kind: "module", before }, 0, ageMs, next),
        pssBytes,
      }));
      const lines = drawTrunk({ ...trunk, checkpoints }, 0, ROOT).slice(2);
      expect(new Set(lines.map((line) => line.length))).toEqual(new Set([100]));
    }),
  );
});

function parked(
  at: Pick<CheckpointStatus, "kind" | "before">,
  mebibytes: number | null,
  ageMs: number,
  next: Partial<StretchStatus> | null,
): CheckpointStatus {
  const nothing = { installed: 0, packages: [], modules: 0, conftests: 0, testFiles: 0, durationMs: 0 };
  const stretch = next === null ? null : { ...nothing, ...next };
  const process = { id: "t1", pid: 48212, isTip: false, isCurrent: true, rebuildMs: null };
  return { ...process, ...at, ageMs, next: stretch, pssBytes: mebibytes === null ? null : mebibytes * MEBIBYTE };
}

function tip(mebibytes: number | null, ageMs: number): CheckpointStatus {
  return { ...parked({ kind: "tip", before: "the tip" }, mebibytes, ageMs, null), isTip: true };
}
