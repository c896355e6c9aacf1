import { rmSync } from "node:fs";
import { expect, test } from "vitest";
import { NamedFiles } from "../../../src/watch/named-files.ts";
import { PathPatterns } from "../../../src/watch/path-patterns.ts";
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
  project.write("docs/new/e.sql", "1");
  expect(named.list(globs).map(([path]) => path)).toContain(project.at("docs/new/e.sql"));
  rmSync(project.at("docs/new/e.sql"));
  expect(named.list(globs)).toEqual(after);
  expect(named.list(["/docs/*.html"]).map(([path]) => path)).toEqual([project.at("docs/c.html")]);
});

test("what git ignores is left out, also when that changes", () => {
  using project = new TempProject({ "a/one.sql": "1", "b/two.sql": "1", "b/c/three.sql": "1" });
  const named = new NamedFiles(project.root);
  const names = () => named.list(["*.sql"]).map(([path]) => path.slice(project.root.length + 1));
  expect(names()).toEqual(["a/one.sql", "b/c/three.sql", "b/two.sql"]);
  project.write(".gitignore", "/a\n");
  expect(names()).toEqual(["b/c/three.sql", "b/two.sql"]);
  project.write(".gitignore", "/b\n");
  expect(names()).toEqual(["a/one.sql"]);
  rmSync(project.at(".gitignore"));
  project.write("b/.gitignore", "c\n");
  expect(names()).toEqual(["a/one.sql", "b/two.sql"]);
});

test("a folder stands for all that is in it, and nothing outside the root is meant", () => {
  const patterns = new PathPatterns("/project", ["output/", "!output/keep.txt"]);
  expect(patterns.matches("/project/output/a/b.txt")).toBe(true);
  expect(patterns.matches("/project/other.txt")).toBe(false);
  expect(patterns.matches("/elsewhere/output/b.txt")).toBe(false);
  expect(patterns.matches("/project")).toBe(false);
});
