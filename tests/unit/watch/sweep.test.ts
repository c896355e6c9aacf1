import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { relative } from "node:path";
import { expect, test } from "vitest";
import type { FileChange } from "../../../src/watch/file-change.ts";
import { contentHash, type FileSignature, statSignature } from "../../../src/watch/fingerprint.ts";
import { Sweep } from "../../../src/watch/sweep.ts";
import { TempProject } from "./temp-project.ts";

const LONG_AGO = 1_000_000_000;

test("files that nobody touched are no changes", () => {
  using project = new TempProject({ "a.py": "x = 1\n" });
  const sweep = new Sweep();
  load(sweep, project.at("a.py"));
  sweep.addDirectory(project.root);
  sweep.addAbsent(project.at("conftest.py"));
  expect(sweep.check()).toEqual([]);
  expect(sweep.size).toBe(3);
});

test("a rewritten file is modified until it was loaded again", () => {
  using project = new TempProject({ "a.py": "x = 1\n" });
  const path = project.at("a.py");
  const sweep = new Sweep();
  load(sweep, path);
  project.write("a.py", "x = 22\n");
  expect(summary(project, sweep.check())).toEqual(["modified a.py"]);
  expect(summary(project, sweep.check())).toEqual(["modified a.py"]);
  load(sweep, path);
  expect(sweep.check()).toEqual([]);
});

test("a change that was adopted counts as loaded, and going back on it is a change", () => {
  using project = new TempProject({ "a.py": "x = 1\n" });
  const sweep = new Sweep();
  load(sweep, project.at("a.py"));
  project.write("a.py", "x = 22\n");
  const changes = sweep.check();
  expect(changes[0]?.content?.hash).toBe(contentHash(project.at("a.py")));
  sweep.adopt(changes);
  expect(sweep.check()).toEqual([]);
  project.write("a.py", "x = 1\n");
  expect(summary(project, sweep.check())).toEqual(["modified a.py"]);
});

test("a file with the same content is no change: touched, written again, replaced by a copy", () => {
  using project = new TempProject({ "a.py": "x = 1\n", "copy.py": "x = 1\n" });
  const path = project.at("a.py");
  const sweep = new Sweep();
  load(sweep, path, { withHash: true });
  utimesSync(path, LONG_AGO, LONG_AGO);
  expect(sweep.check()).toEqual([]);
  project.write("a.py", "x = 1\n");
  expect(sweep.check()).toEqual([]);
  renameSync(project.at("copy.py"), path);
  expect(sweep.check()).toEqual([]);
});

test("content that was never hashed cannot be shown to be the same, so a touched file is a change", () => {
  using project = new TempProject({ "a.py": "x = 1\n" });
  const sweep = new Sweep();
  load(sweep, project.at("a.py"));
  utimesSync(project.at("a.py"), LONG_AGO, LONG_AGO);
  expect(summary(project, sweep.check())).toEqual(["modified a.py"]);
});

test("idle time hashes what still has the signature with which it was loaded", () => {
  using project = new TempProject({ "a.py": "x = 1\n", "b.py": "y = 1\n" });
  const sweep = new Sweep();
  load(sweep, project.at("a.py"));
  load(sweep, project.at("b.py"));
  project.write("b.py", "y = 22\n");
  expect(sweep.hashPending(1_000)).toBe(0);
  expect(sweep.versionOf(project.at("a.py"))).toBe(contentHash(project.at("a.py")));
  expect(sweep.versionOf(project.at("b.py"))).toBeUndefined();
  utimesSync(project.at("a.py"), LONG_AGO, LONG_AGO);
  expect(summary(project, sweep.check())).toEqual(["modified b.py"]);
});

test("a version that is named again is not hashed again", () => {
  using project = new TempProject({ "a.py": "x = 1\n" });
  const path = project.at("a.py");
  utimesSync(path, LONG_AGO, LONG_AGO);
  const sweep = new Sweep();
  load(sweep, path);
  expect(sweep.hashPending(0)).toBe(1);
  expect(sweep.hashPending(1_000)).toBe(0);
  load(sweep, path);
  expect(sweep.hashPending(0)).toBe(0);
  expect(sweep.versionOf(path)).toBe(contentHash(path));
  project.write("a.py", "x = 22\n");
  expect(summary(project, sweep.check())).toEqual(["modified a.py"]);
  load(sweep, path);
  expect(sweep.check()).toEqual([]);
  expect(sweep.versionOf(path)).toBeUndefined();
});

test("no budget leaves all files to be hashed", () => {
  using project = new TempProject({ "a.py": "x = 1\n", "b.py": "y = 1\n" });
  const sweep = new Sweep();
  load(sweep, project.at("a.py"));
  load(sweep, project.at("b.py"));
  expect(sweep.hashPending(0)).toBe(2);
});

test("a second version with the size, inode and time of the first is found", () => {
  using project = new TempProject({ "a.py": "x = 1\n" });
  const path = project.at("a.py");
  const nowS = Date.now() / 1_000;
  utimesSync(path, nowS, nowS);
  const sweep = new Sweep();
  const { ctimeNs: _, ...loaded } = signatureOf(path);
  sweep.add(path, loaded, contentHash(path));
  project.write("a.py", "x = 2\n");
  utimesSync(path, nowS, nowS);
  expect(statSignature(path)).toMatchObject(loaded);
  expect(summary(project, sweep.check())).toEqual(["modified a.py"]);
});

test("an older version that comes back with its old time is found", () => {
  using project = new TempProject({ "a.py": "x = 1\n" });
  const path = project.at("a.py");
  const sweep = new Sweep();
  load(sweep, path, { withHash: true });
  project.write("older.py", "x = 0\n");
  utimesSync(project.at("older.py"), LONG_AGO, LONG_AGO);
  renameSync(project.at("older.py"), path);
  expect(summary(project, sweep.check())).toEqual(["modified a.py"]);
});

test("deletion, and return with the same content", () => {
  using project = new TempProject({ "a.py": "x = 1\n" });
  const sweep = new Sweep();
  load(sweep, project.at("a.py"), { withHash: true });
  sweep.addDirectory(project.root);
  rmSync(project.at("a.py"));
  expect(summary(project, sweep.check())).toEqual(["deleted a.py"]);
  project.write("a.py", "x = 1\n");
  expect(sweep.check()).toEqual([]);
});

test("a deletion that was adopted makes the return a creation", () => {
  using project = new TempProject({ "a.py": "x = 1\n" });
  const sweep = new Sweep();
  load(sweep, project.at("a.py"));
  sweep.addDirectory(project.root);
  rmSync(project.at("a.py"));
  sweep.adopt(sweep.check());
  expect(sweep.check()).toEqual([]);
  project.write("a.py", "x = 1\n");
  expect(summary(project, sweep.check())).toEqual(["created a.py"]);
});

test("a renamed file is a deletion and a creation", () => {
  using project = new TempProject({ "test_a.py": "x = 1\n" });
  const sweep = new Sweep();
  load(sweep, project.at("test_a.py"));
  sweep.addDirectory(project.root);
  renameSync(project.at("test_a.py"), project.at("test_b.py"));
  expect(summary(project, sweep.check())).toEqual(["created test_b.py", "deleted test_a.py"]);
  sweep.adopt(sweep.check());
  expect(sweep.check()).toEqual([]);
});

test("an entry that nobody loaded is seen to come and go", () => {
  using project = new TempProject({ "test_a.py": "x = 1\n" });
  const sweep = new Sweep();
  sweep.addDirectory(project.root);
  rmSync(project.at("test_a.py"));
  project.write("test_b.py", "x = 1\n");
  expect(summary(project, sweep.check())).toEqual(["created test_b.py", "deleted test_a.py"]);
});

test("bytecode, swap files and the probes of editors are no changes", () => {
  using project = new TempProject({ "a.py": "x = 1\n" });
  const sweep = new Sweep();
  sweep.addDirectory(project.root);
  for (const name of ["a.pyc", ".a.py.swp", "4913", "a.py~", "#a.py#", "notes.txt", "__pycache__/a.cpython-313.pyc"]) {
    project.write(name, "x");
  }
  mkdirSync(project.at(".mypy_cache"));
  expect(sweep.check()).toEqual([]);
});

test("what pytest and the import system look for is a change", () => {
  using project = new TempProject();
  const sweep = new Sweep();
  sweep.addDirectory(project.root);
  const names = [
    "conftest.py",
    "_speed.cpython-313-x86_64-linux-gnu.so",
    "pyproject.toml",
    ".pytest.ini",
    "test_doc.txt",
  ];
  for (const name of names) project.write(name, "x");
  expect(summary(project, sweep.check())).toEqual(names.map((name) => `created ${name}`).sort());
});

test("a path that was looked for and not there is a change when it appears", () => {
  using project = new TempProject();
  const sweep = new Sweep();
  sweep.addAbsent(project.at("data/settings.json"));
  expect(sweep.check()).toEqual([]);
  project.write("data/settings.json", "{}");
  expect(summary(project, sweep.check())).toEqual(["created data/settings.json"]);
});

test("a new directory is told with all that matters in it, and adopting it watches it", () => {
  using project = new TempProject();
  const sweep = new Sweep((directory) => directory.endsWith("venv"));
  sweep.addDirectory(project.root);
  project.write("pkg/__init__.py", "");
  project.write("pkg/inner/core.py", "x = 1\n");
  project.write("pkg/notes.txt", "x");
  project.write("venv/lib.py", "x = 1\n");
  symlinkSync(project.root, project.at("pkg/up"));
  const expected = ["created pkg", "created pkg/__init__.py", "created pkg/inner", "created pkg/inner/core.py"];
  expect(summary(project, sweep.check())).toEqual(expect.arrayContaining(expected));
  sweep.adopt(sweep.check());
  project.write("pkg/inner/more.py", "y = 1\n");
  expect(summary(project, sweep.check())).toContain("created pkg/inner/more.py");
  expect(summary(project, sweep.check())).not.toContain("created pkg/inner/core.py");
});

test("a deleted directory is told with the loaded files in it", () => {
  using project = new TempProject({ "pkg/__init__.py": "", "pkg/a.py": "x = 1\n" });
  const sweep = new Sweep();
  sweep.addDirectory(project.root);
  sweep.addDirectory(project.at("pkg"));
  load(sweep, project.at("pkg/a.py"));
  rmSync(project.at("pkg"), { recursive: true });
  expect(summary(project, sweep.check())).toEqual(["deleted pkg", "deleted pkg/a.py"]);
});

test("a listing that Python saw earlier is compared with what is there now", () => {
  using project = new TempProject({ "test_a.py": "", "test_b.py": "" });
  const sweep = new Sweep();
  sweep.addDirectory(project.root, new Map([["test_a.py", "file"]]));
  expect(summary(project, sweep.check())).toEqual(["created test_b.py"]);
});

test("a check of some paths sees only what concerns them", () => {
  using project = new TempProject({ "a.py": "x = 1\n", "b.py": "y = 1\n" });
  const sweep = new Sweep();
  load(sweep, project.at("a.py"));
  load(sweep, project.at("b.py"));
  sweep.addDirectory(project.root);
  project.write("a.py", "x = 22\n");
  project.write("b.py", "y = 22\n");
  project.write("c.py", "z = 1\n");
  expect(summary(project, sweep.check([project.at("a.py")]))).toEqual(["modified a.py"]);
  expect(summary(project, sweep.check([project.at("c.py")]))).toEqual(["created c.py"]);
  expect(sweep.check([project.at("unknown/d.py")])).toEqual([]);
});

test("a removed path is watched no longer", () => {
  using project = new TempProject({ "a.py": "x = 1\n" });
  const sweep = new Sweep();
  load(sweep, project.at("a.py"));
  sweep.remove(project.at("a.py"));
  rmSync(project.at("a.py"));
  expect(sweep.check()).toEqual([]);
  expect(sweep.hashPending(1_000)).toBe(0);
});

function load(sweep: Sweep, path: string, { withHash = false } = {}): void {
  sweep.add(path, signatureOf(path), withHash ? contentHash(path) : undefined);
}

function signatureOf(path: string): FileSignature {
  const signature = statSignature(path);
  if (signature === undefined) throw new Error(`Expected ${path} to exist.`);
  return signature;
}

function summary(project: TempProject, changes: readonly FileChange[]): readonly string[] {
  return changes.map(({ kind, path }) => `${kind} ${relative(project.root, path)}`).sort();
}
