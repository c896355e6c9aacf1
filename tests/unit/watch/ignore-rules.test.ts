import { expect, test } from "vitest";
import { IgnoreRules } from "../../../src/watch/ignore-rules.ts";
import { TempProject } from "./temp-project.ts";

test("hidden folders, caches and environments are ignored without a rule", () => {
  using project = new TempProject({ "my_env/pyvenv.cfg": "home = /usr/bin\n", "conda/conda-meta/history": "" });
  const rules = new IgnoreRules(project.root);
  const ignored = [
    ".git/HEAD",
    "pkg/__pycache__/a.pyc",
    "node_modules/x/a.py",
    ".mypy_cache/a.py",
    ".tox/py/a.py",
    "my_env/lib/a.py",
    "conda/lib/a.py",
    "pkg.egg-info/PKG-INFO",
  ];
  expect(ignored.filter((path) => !rules.isIgnored(project.at(path)))).toEqual([]);
  const kept = ["a.py", "pkg/a.py", "tests/build/a.py", ".pytest.ini"];
  expect(kept.filter((path) => rules.isIgnored(project.at(path)))).toEqual([]);
});

test("build output at the root is ignored, a package of that name is not", () => {
  using project = new TempProject({ "build/lib/a.py": "", "dist/__init__.py": "", "dist/a.py": "" });
  const rules = new IgnoreRules(project.root);
  expect(rules.isIgnored(project.at("build"), "directory")).toBe(true);
  expect(rules.isIgnored(project.at("build/lib/a.py"))).toBe(true);
  expect(rules.isIgnored(project.at("dist/a.py"))).toBe(false);
});

test("nested .gitignore files apply as git applies them", () => {
  using project = new TempProject({
    ".git/info/exclude": "private/\n",
    ".gitignore": "*.log\n/generated/\nout/\n",
    "pkg/.gitignore": "!keep.log\nlocal.py\n",
    "generated/.gitignore": "!*\n",
  });
  const rules = new IgnoreRules(project.root);
  const verdicts = ["a.log", "pkg/a.log", "pkg/keep.log", "pkg/local.py", "local.py", "generated/a.py", "pkg/out/a.py"];
  expect(verdicts.map((path) => `${path} ${rules.isIgnored(project.at(path))}`)).toEqual([
    "a.log true",
    "pkg/a.log true",
    "pkg/keep.log false",
    "pkg/local.py true",
    "local.py false",
    "generated/a.py true",
    "pkg/out/a.py true",
  ]);
  expect(rules.isIgnored(project.at("private/a.py"))).toBe(true);
  expect(rules.isIgnored(project.at("out"), "file")).toBe(false);
});

test("a root below the repository obeys the rules above it", () => {
  using project = new TempProject({ ".git/HEAD": "", ".gitignore": "scratch/\n", "app/a.py": "" });
  const rules = new IgnoreRules(project.at("app"));
  expect(rules.isIgnored(project.at("app/scratch/a.py"))).toBe(true);
  expect(rules.isIgnored(project.at("app/a.py"))).toBe(false);
});

test("a root that the repository above ignores is a project all the same", () => {
  using project = new TempProject({ ".git/HEAD": "", ".gitignore": "scratch/\n*.py\n", "scratch/app/a.py": "" });
  const rules = new IgnoreRules(project.at("scratch/app"));
  expect(rules.isIgnored(project.at("scratch/app/a.py"))).toBe(false);
});

test("rules that changed apply after a reload", () => {
  using project = new TempProject({ ".gitignore": "old/\n" });
  const rules = new IgnoreRules(project.root);
  expect(rules.isIgnored(project.at("new"), "directory")).toBe(false);
  project.write(".gitignore", "new/\n");
  rules.reload();
  expect(rules.isIgnored(project.at("new"), "directory")).toBe(true);
  expect(rules.isIgnored(project.at("old"), "directory")).toBe(false);
});

test("a folder that became an environment is ignored once it is forgotten", () => {
  using project = new TempProject({ "env/a.py": "" });
  const rules = new IgnoreRules(project.root);
  expect(rules.isIgnored(project.at("env/lib"), "directory")).toBe(false);
  project.write("env/pyvenv.cfg", "");
  rules.forget(project.at("env"));
  expect(rules.isIgnored(project.at("env/lib"), "directory")).toBe(true);
});

test("what lies outside the root is not ignored", () => {
  using project = new TempProject({ "app/a.py": "" });
  expect(new IgnoreRules(project.at("app")).isIgnored(project.at("node_modules/a.py"))).toBe(false);
});
