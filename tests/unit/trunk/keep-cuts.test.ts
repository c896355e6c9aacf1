import { expect, test } from "vitest";
import { cutsWorthKeeping, type PastTimeline } from "../../../src/trunk/keep-cuts.ts";
import type { EditSigns } from "../../../src/trunk/likelihood.ts";

const NO_SIGNS: EditSigns = { edited: [], changed: new Set(), commits: [] };
const FILES = Array.from({ length: 10 }, (_, place) => ({ path: `/p/m${place}.py`, atMs: 100 + place * 100 }));

test("a cut that saves much is kept, one that lies just behind it is not", () => {
  const cuts = [cut("/p/m4.py", 495), cut("/p/m5.py", 505)];
  expect([...cutsWorthKeeping(past({ cuts }), NO_SIGNS, { most: 12, priceMs: 20 })]).toEqual([0]);
});

test("the cut before what was just edited is kept at any price", () => {
  const cuts = [cut("/p/m4.py", 495), cut("/p/m5.py", 595)];
  const kept = cutsWorthKeeping(past({ cuts, justEdited: ["/p/m5.py"] }), NO_SIGNS, { most: 1, priceMs: 10_000 });
  expect([...kept]).toEqual([1]);
});

test("no more than may be, and those that save the most", () => {
  const cuts = FILES.map(({ path, atMs }) => cut(path, atMs - 1));
  const signs = { ...NO_SIGNS, edited: ["/p/m8.py"] };
  expect([...cutsWorthKeeping(past({ cuts }), signs, { most: 1, priceMs: 0 })]).toEqual([8]);
});

test("a cut behind everything, as an earlier tip is one, saves nothing where nothing comes behind it", () => {
  const cuts = [cut("/p/m9.py", 990), cut(null, 1090)];
  expect([...cutsWorthKeeping(past({ cuts }), NO_SIGNS, { most: 12, priceMs: 0 })]).toEqual([0]);
});

function cut(path: string | null, atMs: number) {
  return { path, atMs };
}

function past(rest: Partial<PastTimeline>): PastTimeline {
  return { cuts: [], files: FILES, startMs: 0, endMs: 1100, justEdited: [], ...rest };
}
