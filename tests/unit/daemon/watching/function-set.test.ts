import { describe, expect, test } from "vitest";
import { FunctionSet, Names, numbersIn, rangesOf } from "../../../../src/daemon/watching/function-set.ts";
import { KnownTests } from "../../../../src/daemon/watching/known-tests.ts";

test("numbers become ranges, and the same numbers again", () => {
  const ranges = rangesOf([7, 1, 2, 3, 9, 2]);
  expect([...ranges]).toEqual([1, 3, 7, 1, 9, 1]);
  expect([...numbersIn(ranges)]).toEqual([1, 2, 3, 7, 9]);
  expect([...rangesOf([])]).toEqual([]);
});

test("a set has what is in one of its parts, and tells it once", () => {
  const names = new Names();
  const numbers = ["a", "b", "c", "d", "e"].map((each) => names.add(each));
  const set = new FunctionSet(names, [rangesOf(numbers.slice(1, 3)), rangesOf(numbers.slice(2, 4))]);
  expect(["a", "b", "c", "d", "e", "unknown"].filter((each) => set.has(each))).toEqual(["b", "c", "d"]);
  expect([...set]).toEqual(["b", "c", "d"]);
  expect(names.add("b")).toBe(numbers[1]);
});

describe("what is held", () => {
  const told = (known: KnownTests, id: string, functions: readonly number[]): readonly string[] => {
    known.addDepends({ type: "depends", id, functions: [...functions], opened: [], loaded: [], always: "" });
    known.addOutcome(id, "passed", "/p");
    return [...(known.tests.get(id)?.record?.functions ?? [])].toSorted();
  };

  test("counts for each test that ends until it is released, and not for those before", () => {
    const known = new KnownTests();
    known.addNames(["one", "two", "three"]);
    expect(told(known, "t::a", [0, 1])).toEqual(["one"]);
    known.hold([1, 1]);
    expect(told(known, "t::b", [0, 1])).toEqual(["one", "two"]);
    known.hold([2, 1]);
    expect(told(known, "t::c", [])).toEqual(["three", "two"]);
    known.release();
    expect(told(known, "t::d", [])).toEqual([]);
    known.hold([0, 1]);
    known.begin();
    known.addNames(["two"]);
    expect(told(known, "t::e", [0, 1])).toEqual(["two"]);
  });

  test("stays when a fixture adds what it does at its end", () => {
    const known = new KnownTests();
    known.addNames(["one", "two"]);
    known.hold([0, 1]);
    told(known, "t::a", []);
    known.addOwned({ type: "owned", ids: ["t::a"], functions: [1, 1], opened: [], always: "" });
    expect([...(known.tests.get("t::a")?.record?.functions ?? [])].toSorted()).toEqual(["one", "two"]);
  });
});
