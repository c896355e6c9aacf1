import { closeSync, mkdirSync, openSync, renameSync, rmSync, unlinkSync, utimesSync, writeSync } from "node:fs";
import { relative } from "node:path";
import { expect, test } from "vitest";
import type { FileChange } from "../../../src/watch/file-change.ts";
import { contentHash, statSignature } from "../../../src/watch/fingerprint.ts";
import { gitLock } from "../../../src/watch/git-lock.ts";
import { IgnoreRules } from "../../../src/watch/ignore-rules.ts";
import { type Edit, Settler } from "../../../src/watch/settle.ts";
import { Sweep } from "../../../src/watch/sweep.ts";
import { type TreeWatch, watchTree } from "../../../src/watch/tree-watcher.ts";
import { Inbox } from "./inbox.ts";
import { TempProject } from "./temp-project.ts";

const FILES = { "a.py": "x = 1\n", "b.py": "y = 1\n" };

test("a finished write is told in the very call of the hint", () => {
  using lab = new Lab(FILES);
  lab.project.write("a.py", "x = 22\n");
  lab.hint("a.py");
  expect(lab.told()).toEqual([["modified a.py"]]);
});

test("a saved file is told by the events of the file system alone", async () => {
  using lab = new Lab(FILES);
  await using _ = await lab.watch();
  lab.project.write("a.py", "x = 22\n");
  const edit = await lab.edits.next();
  expect(lab.summary(edit.fresh)).toEqual(["modified a.py"]);
});

test("in the turn in which all was looked at and told, nothing else can have been missed", async () => {
  using lab = new Lab(FILES);
  expect(lab.settler.hasJustTold).toBe(false);
  lab.project.write("a.py", "x = 22\n");
  lab.hint("a.py");
  expect(lab.settler.hasJustTold).toBe(true);
  await Promise.resolve();
  expect(lab.settler.hasJustTold).toBe(true);
  await new Promise(setImmediate);
  expect(lab.settler.hasJustTold).toBe(false);
  // Half of a save is not told yet.
  lab.project.write("a.py", "");
  lab.hint("a.py");
  expect(lab.settler.hasJustTold).toBe(false);
});

test("an edit is told once, however many events it causes", () => {
  using lab = new Lab(FILES);
  lab.project.write("a.py", "x = 22\n");
  lab.hint("a.py");
  lab.hint("a.py");
  lab.hint();
  utimesSync(lab.project.at("a.py"), 1_000, 1_000);
  lab.hint("a.py");
  expect(lab.told()).toEqual([["modified a.py"]]);
});

test("a second edit of a file is fresh, and all that differs is told with it", () => {
  using lab = new Lab(FILES);
  lab.project.write("a.py", "x = 22\n");
  lab.hint("a.py");
  lab.project.write("b.py", "y = 22\n");
  lab.hint("b.py");
  expect(lab.told()).toEqual([["modified a.py"], ["modified b.py"]]);
  expect(lab.summary(lab.edits.all[1]?.changes ?? [])).toEqual(["modified a.py", "modified b.py"]);
});

test("a hint about one file finds the others that changed with it", () => {
  using lab = new Lab(FILES);
  lab.project.write("a.py", "x = 22\n");
  lab.project.write("b.py", "y = 22\n");
  lab.hint("b.py");
  expect(lab.told()).toEqual([["modified a.py", "modified b.py"]]);
});

test("a file that goes back to what was loaded is told, with nothing left to load", () => {
  using lab = new Lab(FILES);
  lab.project.write("a.py", "x = (\n");
  lab.hint("a.py");
  lab.project.write("a.py", "x = 1\n");
  lab.hint("a.py");
  expect(lab.told()).toEqual([["modified a.py"], ["modified a.py"]]);
  expect(lab.edits.all[1]?.changes).toEqual([]);
});

test("a new file that goes away again is told as deleted", async () => {
  using lab = new Lab(FILES);
  lab.project.write("test_new.py", "z = 1\n");
  lab.hint("test_new.py");
  rmSync(lab.project.at("test_new.py"));
  lab.hint("test_new.py");
  await lab.edits.next((edit) => edit.changes.length === 0);
  expect(lab.told()).toEqual([["created test_new.py"], ["deleted test_new.py"]]);
});

test("an edit that was loaded is over, and undoing it is an edit", () => {
  using lab = new Lab(FILES);
  lab.project.write("a.py", "x = 22\n");
  lab.hint("a.py");
  lab.sweep.adopt(lab.edits.all[0]?.changes ?? []);
  lab.hint();
  expect(lab.told()).toHaveLength(1);
  lab.project.write("a.py", "x = 1\n");
  lab.hint("a.py");
  expect(lab.told()).toEqual([["modified a.py"], ["modified a.py"]]);
  expect(lab.edits.all[1]?.changes).toHaveLength(1);
});

test("an atomic save, written aside and renamed over the file, is one modification", async () => {
  using lab = new Lab(FILES);
  await using _ = await lab.watch();
  lab.project.write("a.py.tmp", "x = 22\n");
  renameSync(lab.project.at("a.py.tmp"), lab.project.at("a.py"));
  await lab.edits.next();
  await lab.settleAnother("b.py");
  expect(lab.told()).toEqual([["modified a.py"], ["modified b.py"]]);
});

test("a save that moves the old file away and writes a new one is one modification", async () => {
  using lab = new Lab(FILES);
  await using _ = await lab.watch();
  renameSync(lab.project.at("a.py"), lab.project.at("a.py~"));
  lab.project.write("a.py", "x = 22\n");
  unlinkSync(lab.project.at("a.py~"));
  await lab.edits.next();
  await lab.settleAnother("b.py");
  expect(lab.told()).toEqual([["modified a.py"], ["modified b.py"]]);
});

test("a deletion waits for the file to come back, and is told as a modification when it does", () => {
  using lab = new Lab(FILES);
  rmSync(lab.project.at("a.py"));
  lab.hint("a.py");
  expect(lab.told()).toEqual([]);
  lab.project.write("a.py", "x = 22\n");
  lab.hint("a.py");
  expect(lab.told()).toEqual([["modified a.py"]]);
});

test("a deletion that stays is told without another event", async () => {
  using lab = new Lab(FILES);
  rmSync(lab.project.at("a.py"));
  lab.hint("a.py");
  expect(lab.summary((await lab.edits.next()).fresh)).toEqual(["deleted a.py"]);
});

test("a file that comes back as it was is no edit", async () => {
  using lab = new Lab(FILES);
  rmSync(lab.project.at("a.py"));
  lab.hint("a.py");
  lab.project.write("a.py", "x = 1\n");
  lab.hint("a.py");
  await lab.settleAnother("b.py");
  expect(lab.told()).toEqual([["modified b.py"]]);
});

test("a truncated file is told when it is written, in the call of that hint", () => {
  using lab = new Lab(FILES);
  const descriptor = openSync(lab.project.at("a.py"), "w");
  lab.hint("a.py");
  expect(lab.told()).toEqual([]);
  writeSync(descriptor, "x = 2");
  lab.hint("a.py");
  expect(lab.told()).toEqual([]);
  writeSync(descriptor, "2\n");
  closeSync(descriptor);
  lab.hint("a.py");
  expect(lab.told()).toEqual([["modified a.py"]]);
  expect(lab.edits.all[0]?.changes[0]?.content?.hash).toBe(contentHash(lab.project.at("a.py")));
});

test("a write in blocks is told when its last one is there", () => {
  using lab = new Lab(FILES);
  const block = `${"#".repeat(4_095)}\n`;
  lab.project.write("a.py", block);
  lab.hint("a.py");
  expect(lab.told()).toEqual([]);
  lab.project.write("a.py", `${block}x = 2\n`);
  lab.hint("a.py");
  expect(lab.told()).toEqual([["modified a.py"]]);
});

test("a file that stays empty, or without a newline at its end, is told all the same", async () => {
  using lab = new Lab(FILES);
  lab.project.write("a.py", "");
  lab.hint("a.py");
  expect(lab.summary((await lab.edits.next()).fresh)).toEqual(["modified a.py"]);
  lab.project.write("b.py", "y = 2");
  lab.hint("b.py");
  expect(lab.summary((await lab.edits.next()).fresh)).toEqual(["modified b.py"]);
});

test("a file that is written for long is told on the way, and again at its end", async () => {
  using lab = new Lab(FILES);
  let text = "x = 1";
  const writing = setInterval(() => {
    text += "1";
    lab.project.write("a.py", text);
    lab.hint("a.py");
  }, 1);
  await lab.edits.next();
  clearInterval(writing);
  const hash = contentHash(lab.project.write("a.py", `${text}\n`));
  lab.hint("a.py");
  await lab.edits.next((edit) => edit.changes[0]?.content?.hash === hash);
});

test("a run takes what is there, finished or not, and it is not told again", async () => {
  using lab = new Lab(FILES);
  rmSync(lab.project.at("a.py"));
  lab.hint("a.py");
  expect(lab.summary(lab.settler.take().changes)).toEqual(["deleted a.py"]);
  await lab.settleAnother("b.py");
  expect(lab.told()).toEqual([["modified b.py"]]);
});

test("what git does under its lock is one edit", async () => {
  using lab = new Lab({ ...FILES, ".git/HEAD": "" });
  lab.project.write(".git/index.lock", "");
  lab.project.write("a.py", "x = 22\n");
  lab.hint("a.py");
  expect(lab.told()).toEqual([]);
  lab.project.write("b.py", "y = 22\n");
  lab.hint("b.py");
  expect(lab.told()).toEqual([]);
  rmSync(lab.project.at(".git/index.lock"));
  await lab.edits.next();
  expect(lab.told()).toEqual([["modified a.py", "modified b.py"]]);
});

test("a lock that git left behind holds nothing up", () => {
  using lab = new Lab({ ...FILES, ".git/index.lock": "" });
  utimesSync(lab.project.at(".git/index.lock"), 1_000, 1_000);
  lab.project.write("a.py", "x = 22\n");
  lab.hint("a.py");
  expect(lab.told()).toEqual([["modified a.py"]]);
});

test("a new file that is only listed afterwards is not told as deleted", () => {
  using lab = new Lab(FILES);
  lab.sweep.addDirectory(lab.project.root);
  lab.project.write("new.py", "x = 1\n");
  lab.hint("new.py");
  lab.sweep.addDirectory(lab.project.root);
  lab.hint();
  expect(lab.told()).toEqual([["created new.py"]]);
});

test("a new file that a run has used is told again when it is edited", () => {
  using lab = new Lab(FILES);
  lab.sweep.addDirectory(lab.project.root);
  lab.project.write("test_new.py", "x = 1\n");
  lab.project.write("other.py", "x = 1\n");
  lab.hint();
  lab.settler.keep((path) => path.endsWith("/test_new.py"));
  lab.sweep.addDirectory(lab.project.root);
  lab.hint();
  lab.project.write("test_new.py", "x = 22\n");
  lab.project.write("other.py", "x = 22\n");
  lab.hint();
  expect(lab.told()).toEqual([["created other.py", "created test_new.py"], ["modified test_new.py"]]);
});

test("a directory that is moved takes its files along", async () => {
  using lab = new Lab({ ...FILES, "pkg/inner/c.py": "z = 1\n" });
  await using _ = await lab.watch();
  renameSync(lab.project.at("pkg"), lab.project.at("lib"));
  const edit = await lab.edits.next();
  expect(lab.summary(edit.fresh)).toEqual([
    "created lib",
    "created lib/inner",
    "created lib/inner/c.py",
    "deleted pkg",
    "deleted pkg/inner/c.py",
  ]);
});

test("a new directory and the file put in it later are told, although nobody loaded the directory", async () => {
  using lab = new Lab(FILES);
  await using _ = await lab.watch();
  mkdirSync(lab.project.at("tests"));
  await lab.edits.next((edit) => lab.summary(edit.fresh).includes("created tests"));
  lab.project.write("tests/test_a.py", "z = 1\n");
  await lab.edits.next((edit) => lab.summary(edit.fresh).includes("created tests/test_a.py"));
});

test("events about files that nobody loaded are no edits", async () => {
  using lab = new Lab(FILES);
  await using _ = await lab.watch();
  lab.project.write("run.log", "started\n");
  lab.project.write(".a.py.swp", "x");
  lab.project.write("__pycache__/a.cpython-313.pyc", "x");
  await lab.settleAnother("b.py");
  expect(lab.told()).toEqual([["modified b.py"]]);
});

test("polling leads to the same edits", async () => {
  using lab = new Lab(FILES);
  await using _ = await lab.watch({ source: "polling", pollIntervalMs: 5 });
  lab.project.write("a.py", "x = 22\n");
  expect(lab.summary((await lab.edits.next()).fresh)).toEqual(["modified a.py"]);
});

/** A project whose files are all loaded, with a settler at work. */
class Lab implements Disposable {
  readonly project: TempProject;
  readonly sweep = new Sweep();
  readonly edits = new Inbox<Edit>();
  readonly settler: Settler;

  constructor(files: Readonly<Record<string, string>>) {
    this.project = new TempProject(files);
    this.sweep.addDirectory(this.project.root);
    for (const path of Object.keys(files)) {
      const absolute = this.project.at(path);
      const signature = statSignature(absolute);
      if (signature !== undefined && path.endsWith(".py")) this.sweep.add(absolute, signature, contentHash(absolute));
    }
    this.settler = new Settler(this.sweep, this.edits.put, { isBusy: gitLock(this.project.root) });
  }

  watch(options = {}): Promise<TreeWatch> {
    const { root } = this.project;
    const onFailure = (): void => {};
    return watchTree(root, new IgnoreRules(root), { onHint: (paths) => this.settler.hint(paths), onFailure }, options);
  }

  hint(...paths: readonly string[]): void {
    this.settler.hint(paths.map((path) => this.project.at(path)));
  }

  /** Edits another file and waits for it, so that whatever was to be told of the first is told. */
  async settleAnother(path: string): Promise<void> {
    this.project.write(path, "y = 22\n");
    this.hint(path);
    await this.edits.next((edit) => this.summary(edit.fresh).includes(`modified ${path}`));
  }

  told(): readonly (readonly string[])[] {
    return this.edits.all.map((edit) => this.summary(edit.fresh));
  }

  summary(changes: readonly FileChange[]): readonly string[] {
    return changes.map(({ kind, path }) => `${kind} ${relative(this.project.root, path)}`).sort();
  }

  [Symbol.dispose](): void {
    this.settler[Symbol.dispose]();
    this.project[Symbol.dispose]();
  }
}
