import fc from "fast-check";
import { expect, test } from "vitest";
import { type TimedTest, takeShare } from "../../../src/insight/split.ts";

/** A suite of files with tests of very different length, the same for the same seed. */
function suite(files: number, seed: number): readonly TimedTest[] {
  let state = seed;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
  return Array.from({ length: files }, (_, file) => {
    const usualMs = 10 ** (random() * 3);
    const count = 1 + Math.floor(random() * 30);
    return Array.from({ length: count }, (_unused, place) => ({
      id: `test_${file}.py::test_${place}`,
      durationMs: usualMs * random(),
    }));
  }).flat();
}

function shares(tests: readonly TimedTest[], of: number): readonly (readonly string[])[] {
  return Array.from({ length: of }, (_, place) => takeShare(tests, { index: place + 1, of }));
}

const anySuite = fc.array(
  fc.record({ durationMs: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: null }) }),
  { maxLength: 60 },
);

test("each test is in one share, and neighbours stay together", () => {
  fc.assert(
    fc.property(anySuite, fc.integer({ min: 1, max: 12 }), (times, of) => {
      const tests = times.map(({ durationMs }, place) => ({ id: `t${place}`, durationMs }));
      expect(shares(tests, of).flat()).toEqual(tests.map(({ id }) => id));
    }),
  );
});

test("shares take the same time within a twentieth, where no test alone takes longer", () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const tests = suite(400, seed);
    const timeOf = new Map(tests.map(({ id, durationMs }) => [id, durationMs ?? 0]));
    const totalMs = tests.reduce((sum, { durationMs }) => sum + (durationMs ?? 0), 0);
    for (const of of [2, 4, 8]) {
      for (const ids of shares(tests, of)) {
        const shareMs = ids.reduce((sum, id) => sum + (timeOf.get(id) ?? 0), 0);
        expect(Math.abs(shareMs / (totalMs / of) - 1)).toBeLessThan(0.05);
      }
    }
  }
});

test("a new test moves only tests at the borders", () => {
  const tests = suite(400, 7);
  const of = 4;
  const before = shares(tests, of).map((ids) => new Set(ids));
  for (const place of [0, Math.floor(tests.length / 2), tests.length]) {
    const more = tests.toSpliced(place, 0, { id: "test_new.py::test_new", durationMs: 100 });
    const moved = shares(more, of).flatMap((ids, share) =>
      ids.filter((id) => id !== "test_new.py::test_new" && before[share]?.has(id) !== true),
    );
    expect(moved.length).toBeLessThan(tests.length / 50);
  }
});

test("without known times the numbers are equal; a test of unknown time counts as a usual one", () => {
  const unknown = Array.from({ length: 10 }, (_, place) => ({ id: `t${place}`, durationMs: null }));
  expect(shares(unknown, 5).map(({ length }) => length)).toEqual([2, 2, 2, 2, 2]);
  const one = [{ id: "long", durationMs: 1000 }, ...unknown.map(({ id }) => ({ id, durationMs: 100 })).slice(1)];
  expect(shares([...one, { id: "new", durationMs: null }], 2)[0]).toEqual(["long"]);
  expect(shares([], 3)).toEqual([[], [], []]);
});
