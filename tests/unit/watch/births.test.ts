import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { relative } from "node:path";
import { expect, test } from "vitest";
import { type Birth, Births } from "../../../src/watch/births.ts";
import { statSignature } from "../../../src/watch/fingerprint.ts";
import { TempProject } from "./temp-project.ts";

/** A time that everything in a test is older than. */
const LATER_MS = Date.now() + 3_600_000;

test("what is there when a folder is watched is no birth, what appears later is one", () => {
  using project = new TempProject({ "a.py": "" });
  const births = watching(project);
  expect(births.check()).toEqual([]);
  project.write("b.py", "");
  expect(names(project, births.check())).toEqual(["b.py"]);
});

test("a birth is told again with every check: each process asks whether it is older", () => {
  using project = new TempProject();
  const births = watching(project);
  const beforeMs = Date.now();
  project.write("a.py", "");
  const [birth] = births.check();
  expect(birth?.atMs).toBeGreaterThanOrEqual(beforeMs);
  expect(births.check()).toEqual([birth]);
  appear(project, "b.py");
  expect(names(project, births.check())).toEqual(["a.py", "b.py"]);
});

test("packages, namespace packages, links and files under another name are births too", () => {
  using project = new TempProject({ "old.py": "", "elsewhere/c.py": "" });
  const births = watching(project);
  for (const name of ["package", "module.so", "conftest.py", "pytest.ini"]) appear(project, name);
  renameSync(project.at("old.py"), project.at("new.py"));
  symlinkSync(project.at("elsewhere"), project.at("linked"));
  expect(new Set(names(project, births.check()))).toEqual(
    new Set(["package", "module.so", "conftest.py", "pytest.ini", "new.py", "linked"]),
  );
});

test("bytecode, drafts of editors and data are no births", () => {
  using project = new TempProject({ "a.py": "" });
  const births = watching(project);
  for (const name of ["__pycache__/", ".a.py.swp", "a.py~", "a.pyc", "draft.txt", "data.json", ".git/"])
    appear(project, name);
  expect(births.check()).toEqual([]);
});

test("a change of a file that was there is no birth, however it is saved", () => {
  using project = new TempProject({ "a.py": "x = 1\n" });
  const births = watching(project);
  project.write("a.py", "x = 2\n");
  project.write("draft", "x = 3\n");
  renameSync(project.at("draft"), project.at("a.py"));
  expect(births.check()).toEqual([]);
});

test("what comes back after it was seen to be gone is born anew", () => {
  using project = new TempProject({ "a.py": "" });
  const births = watching(project);
  rmSync(project.at("a.py"));
  expect(births.check()).toEqual([]);
  appear(project, "a.py");
  expect(names(project, births.check())).toEqual(["a.py"]);
});

test("what appeared between the start of a process and the first look is a birth", () => {
  using project = new TempProject({ "a.py": "" });
  const births = new Births();
  births.watch(project.root, 0);
  expect(names(project, births.check())).toEqual(["a.py"]);
});

test("a package in which Python leaves its bytecode was there before", () => {
  using project = new TempProject({ "app/sub/__init__.py": "" });
  const beforeMs = laterThan(project.at("app/sub"));
  mkdirSync(project.at("app/sub/__pycache__"));
  laterThan(project.at("app/sub"));
  const births = new Births();
  births.watch(project.at("app"), beforeMs);
  expect(births.check()).toEqual([]);
});

test("what was there before under another name or in another place is a birth", () => {
  using project = new TempProject({ "old.py": "", "package/__init__.py": "", "app/__init__.py": "" });
  const beforeMs = laterThan(project.at("package"));
  renameAfter(beforeMs, project.at("old.py"), project.at("app/new.py"));
  renameAfter(beforeMs, project.at("package"), project.at("app/package"));
  const births = new Births();
  births.watch(project.at("app"), beforeMs);
  expect(names(project, births.check()).toSorted()).toEqual(["app/new.py", "app/package"]);
});

test("a folder that is watched already keeps what it knows", () => {
  using project = new TempProject({ "a.py": "" });
  const births = watching(project);
  births.watch(project.root, 0);
  expect(births.check()).toEqual([]);
});

test("each of several folders is looked at, and only itself", () => {
  using project = new TempProject({ "a/x.py": "", "b/x.py": "" });
  const births = new Births();
  for (const name of ["a", "b"]) births.watch(project.at(name), LATER_MS);
  appear(project, "b/y.py");
  appear(project, "a/deep/z.py");
  expect(names(project, births.check())).toEqual(["a/deep", "b/y.py"]);
});

test("a folder that is not there yet is born with all that is in it", () => {
  using project = new TempProject();
  const births = new Births();
  births.watch(project.at("lib"), LATER_MS);
  expect(births.check()).toEqual([]);
  appear(project, "lib/a.py");
  expect(names(project, births.check())).toEqual(["lib/a.py"]);
});

test("a folder that goes is no birth, and no error", () => {
  using project = new TempProject({ "lib/a.py": "" });
  const births = new Births();
  births.watch(project.at("lib"), LATER_MS);
  rmSync(project.at("lib"), { recursive: true });
  expect(births.check()).toEqual([]);
});

test("what appears is not missed where the time of its folder stays the same", () => {
  using project = new TempProject();
  const births = watching(project);
  // As on a file system that knows whole seconds alone.
  const second = Math.floor(Date.now() / 1_000);
  appear(project, "a.py");
  utimesSync(project.root, second, second);
  expect(names(project, births.check())).toEqual(["a.py"]);
  const { mtimeNs } = statSignature(project.root) ?? {};
  appear(project, "b.py");
  utimesSync(project.root, second, second);
  expect(statSignature(project.root)?.mtimeNs).toBe(mtimeNs);
  expect(names(project, births.check())).toEqual(["a.py", "b.py"]);
});

function watching(project: TempProject): Births {
  const births = new Births();
  births.watch(project.root, LATER_MS);
  return births;
}

function names(project: TempProject, births: readonly Birth[]): readonly string[] {
  return births.map(({ path }) => relative(project.root, path));
}

function changedMs(path: string): number {
  return Number(statSignature(path)?.ctimeNs ?? 0n) / 1e6;
}

/** Renames something so that its time says so: file systems stamp with the tick of the kernel's clock. */
function renameAfter(momentMs: number, from: string, to: string): void {
  renameSync(from, to);
  while (changedMs(to) <= momentMs) {
    renameSync(to, from);
    renameSync(from, to);
  }
}

/** A moment that lies after the last change of something. */
function laterThan(path: string): number {
  for (;;) if (Date.now() > changedMs(path) + 1) return Date.now();
}

/** Makes a file, or a folder where the name ends with a slash or has no dot. */
function appear(project: TempProject, name: string): void {
  if (name.endsWith("/") || !name.includes(".")) mkdirSync(project.at(name), { recursive: true });
  else project.write(name, "");
}
