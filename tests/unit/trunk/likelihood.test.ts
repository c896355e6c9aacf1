import fc from "fast-check";
import { expect, test } from "vitest";
import { type EditSigns, likelihoods } from "../../../src/trunk/likelihood.ts";

const NO_SIGNS: EditSigns = { edited: [], changed: new Set(), commits: [] };

test("what was edited last is the likeliest, then what was edited before, then what git says, then the name", () => {
  const paths = ["/p/last.py", "/p/before.py", "/p/changed.py", "/p/committed.py", "/p/test_a.py", "/p/a.py"];
  const weights = likelihoods(paths, {
    edited: ["/p/before.py", "/p/last.py"],
    changed: new Set(["/p/changed.py"]),
    commits: [["/p/committed.py"], ["/p/committed.py"]],
  });
  expect(weights).toEqual(weights.toSorted((a, b) => b - a));
});

test("a new commit counts more than an old one, and a file of a small commit more than one of a large commit", () => {
  const paths = ["/p/new.py", "/p/old.py", ...Array.from({ length: 20 }, (_, place) => `/p/licensed${place}.py`)];
  const [recent = 0, old = 0, ...licensed] = likelihoods(paths, {
    ...NO_SIGNS,
    commits: [["/p/new.py"], ["/p/old.py"], paths],
  });
  expect(recent).toBeGreaterThan(old);
  expect(old).toBeGreaterThan(Math.max(...licensed));
});

test("names alone: tests before modules, modules before roots and packages, generated files last", () => {
  const paths = [
    "/p/tests/test_a.py",
    "/p/app/views.py",
    "/p/app/settings.py",
    "/p/app/__init__.py",
    "/p/app/migrations/0001.py",
  ];
  const weights = likelihoods(paths, NO_SIGNS);
  expect(weights).toEqual([...new Set(weights)].toSorted((a, b) => b - a));
});

test("what is edited again and again gets more than the one that was edited once since", () => {
  const [often = 0, once = 0] = likelihoods(["/p/often.py", "/p/once.py"], {
    ...NO_SIGNS,
    edited: ["/p/often.py", "/p/often.py", "/p/often.py", "/p/once.py"],
  });
  expect(often).toBeGreaterThan(once);
});

test("every file has a chance, whatever the signs name, and all chances make one", () => {
  const path = fc.constantFrom("/p/a.py", "/p/test_b.py", "/p/c/__init__.py", "/elsewhere/d.py");
  fc.assert(
    fc.property(
      fc.uniqueArray(path, { minLength: 1 }),
      fc.array(path),
      fc.array(path),
      fc.array(fc.array(path)),
      (paths, edited, changed, commits) => {
        const weights = likelihoods(paths, { edited, changed: new Set(changed), commits });
        expect(weights.every((weight) => weight > 0)).toBe(true);
        expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9);
      },
    ),
  );
  expect(likelihoods([], { ...NO_SIGNS, edited: ["/p/a.py"] })).toEqual([]);
});
