import fc from "fast-check";
import { expect, test } from "vitest";
import { type CutItem, type CutQuestion, expectedTime, planCuts } from "../../../src/trunk/plan-cuts.ts";

test("one cut lies before what is edited, not at the middle of the time", () => {
  const items = [item("core", 0), item("models", 100), item("views", 700, 10), item("admin", 900)];
  expect(planCuts(question(items, { most: 1 }))).toEqual({
    positions: [2],
    expectedMs: (1000 + 1000 + 3000 + 300) / 13,
  });
});

test("without a cut everything is executed again from the start", () => {
  expect(planCuts(question([item("a", 100), item("b", 300)], { most: 0, startMs: 100 }))).toEqual({
    positions: [],
    expectedMs: 900,
  });
});

test("a cut that saves less than its price is not taken", () => {
  const items = [item("a", 0), item("b", 500), item("c", 504)];
  expect(planCuts(question(items, { priceMs: 2 })).positions).toEqual([1]);
  expect(planCuts(question(items, { priceMs: 1 })).positions).toEqual([1, 2]);
  expect(planCuts(question(items, { priceMs: 400 })).positions).toEqual([]);
});

test("a required cut is taken at any price, and beyond the number that is allowed", () => {
  const items = [item("a", 0), item("b", 500), item("c", 504)];
  expect(planCuts(question(items, { priceMs: 400, required: new Set(["a", "c"]), most: 1 })).positions).toEqual([0, 2]);
});

test("nothing to execute, and nothing that is ever edited, needs no cut", () => {
  expect(planCuts(question([]))).toEqual({ positions: [], expectedMs: 0 });
  expect(planCuts(question([item("a", 5, 0), item("b", 9, 0)]))).toEqual({ positions: [], expectedMs: 0 });
});

test("no choice of cuts is better than the planned one", () => {
  fc.assert(
    fc.property(questions, (asked) => {
      const { positions } = planCuts(asked);
      expect(positions).toEqual([...new Set(positions)].toSorted((a, b) => a - b));
      expect(isAllowed(asked, positions)).toBe(true);
      const best = Math.min(...choices(asked).map((choice) => cost(asked, choice)));
      expect(cost(asked, positions)).toBeCloseTo(best, 6);
    }),
    { numRuns: 500 },
  );
});

/** Small cases with equal times, equal weights and weights of zero among them. */
const questions = fc
  .array(fc.record({ ownMs: fc.nat(6), weight: fc.nat(4), isRequired: fc.nat(7) }), { maxLength: 9 })
  .chain((parts) => {
    let passedMs = 3;
    const items = parts.map(({ ownMs, weight }, position) => {
      passedMs += ownMs;
      return { path: `${position}.py`, atMs: passedMs, weight };
    });
    const required = new Set(items.filter((_, position) => parts[position]?.isRequired === 0).map(({ path }) => path));
    return fc.record({
      items: fc.constant(items),
      startMs: fc.nat(3),
      endMs: fc.constant(passedMs + 5),
      most: fc.nat(5),
      priceMs: fc.constantFrom(0, 0.3, 1),
      required: fc.constant<ReadonlySet<string>>(required),
    });
  });

function choices({ items }: CutQuestion): readonly (readonly number[])[] {
  return Array.from({ length: 2 ** items.length }, (_, bits) =>
    items.map((_item, position) => position).filter((position) => bits & (1 << position)),
  );
}

function isAllowed({ items, most, required }: CutQuestion, positions: readonly number[]): boolean {
  const wanted = items.flatMap(({ path }, position) => (required.has(path) ? [position] : []));
  return positions.length <= Math.max(most, wanted.length) && wanted.every((position) => positions.includes(position));
}

function cost(asked: CutQuestion, positions: readonly number[]): number {
  if (!isAllowed(asked, positions)) return Number.POSITIVE_INFINITY;
  return expectedTime(asked, positions) + positions.length * asked.priceMs;
}

function item(path: string, atMs: number, weight = 1): CutItem {
  return { path, atMs, weight };
}

function question(items: readonly CutItem[], rest: Partial<CutQuestion> = {}): CutQuestion {
  return { items, startMs: 0, endMs: 1000, most: 12, priceMs: 0, required: new Set(), ...rest };
}
