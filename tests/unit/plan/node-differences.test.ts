import { expect, test } from "vitest";
import { differencesOf, idsThatDiffer, placesOf, tellDifferences } from "../../../src/plan/node-differences.ts";

const HOME = {
  python: "cpython 3.12.4",
  platform: "linux x86_64",
  packages: { pytest: "8.4.2", attrs: "25.1", zope: "6" },
};

test("the same interpreter has no differences", () => {
  expect(differencesOf(HOME, { ...HOME, packages: { ...HOME.packages } })).toEqual([]);
});

test("interpreter, platform and packages are told, pytest before other packages", () => {
  const node = {
    python: "cpython 3.11.9",
    platform: "linux aarch64",
    packages: { pytest: "9.0.1", attrs: "25.1", numpy: "2" },
  };
  expect(differencesOf(HOME, node)).toEqual([
    "Python: cpython 3.12.4 here, cpython 3.11.9 there",
    "platform: linux x86_64 here, linux aarch64 there",
    "pytest: 8.4.2 here, 9.0.1 there",
    "numpy: not here, 2 there",
    "zope: 6 here, not there",
  ]);
});

test("a long list is cut", () => {
  const lines = Array.from({ length: 10 }, (_, number) => `p${number}`);
  expect(tellDifferences(lines)).toBe("p0; p1; p2; p3; p4; p5; p6; p7; and 2 more");
});

test("the first ids that differ are found, also where one comes twice", () => {
  expect(idsThatDiffer(["a", "b"], ["b", "a"])).toBeUndefined();
  expect(idsThatDiffer(["a", "b", "b"], ["b", "a", "c"])).toEqual({ onlyHome: "b", onlyNode: "c" });
  expect(idsThatDiffer(["a"], ["a", "a"])).toEqual({ onlyHome: undefined, onlyNode: "a" });
});

test("places of a node are in the order of home; ids that come twice are taken in order", () => {
  expect(placesOf(["b", "a", "a"], ["a", "b", "c", "a"])).toEqual([1, 0, 3]);
  expect(placesOf(["a", "d"], ["a"])).toBeUndefined();
});
