import { rmSync, utimesSync } from "node:fs";
import { expect, test } from "vitest";
import { statSignature } from "../../../src/watch/fingerprint.ts";
import { changedImports, describeSources, importLines } from "../../../src/watch/import-lines.ts";
import { TempProject } from "./temp-project.ts";

const SOURCE = `"""A shop."""
import os, sys  # tools
from shop.cart import (
    Cart,
    total as sum_up,
)
from a import b, \\
    c

RATE = 2


def late():
    import json
    return importlib.import_module("x")
`;

test("imports with their lines and their indentation", () => {
  expect(importLines(SOURCE)).toBe(
    [
      "import os, sys  # tools",
      "from shop.cart import (",
      "    Cart,",
      "    total as sum_up,",
      ")",
      "from a import b, \\",
      "    c",
      "    import json",
      '    return importlib.import_module("x")',
    ].join("\n"),
  );
});

test("plugins that a conftest names", () => {
  expect(importLines('x = 1\npytest_plugins = [\n    "one",\n]\ny = 2\n')).toBe('pytest_plugins = [\n    "one",\n]');
});

test.for([
  { what: "a body", edit: (source: string) => source.replace("RATE = 2", "RATE = 3"), changes: false },
  { what: "a name that is imported", edit: (source: string) => source.replace("    Cart,\n", ""), changes: true },
  { what: "a late import", edit: (source: string) => source.replace("import json", "import csv"), changes: true },
])("an edit of $what", ({ edit, changes }) => {
  using project = new TempProject({ "shop.py": SOURCE, "data.json": "{}" });
  const sources = describe(project, "shop.py", "data.json", "absent.py");
  expect(changedImports(sources)).toBeUndefined();
  project.write("shop.py", edit(SOURCE));
  expect(changedImports(sources)).toBe(changes ? project.at("shop.py") : undefined);
});

test("what is no source counts as a whole, and so do files that come and go", () => {
  using project = new TempProject({ "shop.py": SOURCE, "data.json": "{}" });
  const sources = describe(project, "shop.py", "data.json", "absent.py");
  utimesSync(project.at("data.json"), 1, 1);
  expect(changedImports(sources)).toBe(project.at("data.json"));
  const later = describe(project, "shop.py", "data.json", "absent.py");
  project.write("absent.py", "");
  expect(changedImports(later)).toBe(project.at("absent.py"));
  rmSync(project.at("shop.py"));
  expect(changedImports(later)).toBe(project.at("shop.py"));
});

test("a file that has changed since it was used cannot be described", () => {
  using project = new TempProject({ "shop.py": SOURCE });
  const used = usedFile(project.at("shop.py"));
  project.write("shop.py", "x = 1\n");
  expect(last(describeSources([used]))).toBeUndefined();
});

test("many files take several steps", () => {
  using project = new TempProject({ "shop.py": SOURCE });
  const steps = describeSources(Array.from({ length: 60 }, () => usedFile(project.at("shop.py"))));
  expect(steps.next().done).toBe(false);
  expect(last(steps)).toHaveLength(60);
});

function describe(project: TempProject, ...names: readonly string[]) {
  return last(describeSources(names.map((name) => usedFile(project.at(name))))) ?? [];
}

function last(steps: ReturnType<typeof describeSources>) {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

function usedFile(path: string) {
  const { mtimeNs = 0n, size = -1, ino = 0n, ctimeNs = 0n } = statSignature(path) ?? {};
  return { path, mtimeNs: `${mtimeNs}`, size, ino: `${ino}`, ctimeNs: `${ctimeNs}` };
}
