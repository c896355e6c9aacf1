import { expect, test } from "vitest";
import { NamedFiles, PathPatterns } from "../../../src/watch/named-files.ts";
import { TempProject } from "./temp-project.ts";

test("patterns name files as in .gitignore, and follow their content", () => {
  using project = new TempProject({
    "schema.sql": "1",
    "templates/a.html": "1",
    "templates/deep/b.html": "1",
    "docs/c.html": "1",
    "node_modules/d.sql": "1",
  });
  const named = new NamedFiles(project.root);
  const globs = ["*.sql", "/templates/**/*.html"];
  const before = named.list(globs);
  expect(before.map(([path]) => path)).toEqual(
    ["schema.sql", "templates/a.html", "templates/deep/b.html"].map((path) => project.at(path)),
  );
  expect(named.list(globs)).toEqual(before);
  project.write("schema.sql", "2");
  const after = named.list(globs);
  expect(after[0]).not.toEqual(before[0]);
  expect(after.slice(1)).toEqual(before.slice(1));
  expect(named.list([])).toEqual([]);
});

test("a folder stands for all that is in it, and nothing outside the root is meant", () => {
  const patterns = new PathPatterns("/project", ["output/", "!output/keep.txt"]);
  expect(patterns.matches("/project/output/a/b.txt")).toBe(true);
  expect(patterns.matches("/project/other.txt")).toBe(false);
  expect(patterns.matches("/elsewhere/output/b.txt")).toBe(false);
  expect(patterns.matches("/project")).toBe(false);
});
