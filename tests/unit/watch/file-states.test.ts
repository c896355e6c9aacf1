import { hash } from "node:crypto";
import { chmodSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { FileStates } from "../../../src/watch/file-states.ts";
import { statSignature } from "../../../src/watch/fingerprint.ts";
import { TempProject } from "./temp-project.ts";

const LONG_AGO = 1_000_000_000;
/** The digest of a folder that lists `a.json`. */
const ONE_JSON = "d277c45cdc239ab5dcf261d94274317b0a5d05da";

interface GoldenListing {
  readonly name: string;
  /** Names as hex: not each of them is text. */
  readonly names: readonly string[];
  readonly digest: string;
}

const goldenListings: readonly GoldenListing[] = JSON.parse(
  readFileSync(new URL("../../../contract/listings.json", import.meta.url), "utf8"),
);

test("a file that nobody touched is the same", () => {
  using project = new TempProject({ "a.py": "x = 1\n" });
  expect(new FileStates().isSame(used(project.at("a.py")))).toBe(true);
});

test("a touched file is the same where its content is known, and cannot be shown to be where it is not", async () => {
  using project = new TempProject({ "known.py": "x = 1\n", "unknown.py": "x = 1\n" });
  const known = used(project.at("known.py"));
  const unknown = used(project.at("unknown.py"));
  const states = await statesThatRemember(known);
  for (const { path } of [known, unknown]) utimesSync(path, LONG_AGO, LONG_AGO);
  expect(states.isSame(known)).toBe(true);
  expect(states.isSame(unknown)).toBe(false);
  expect(states.kindOfChange(unknown)).toBe("modified");
});

test("the same content under a new signature is the same: written again, replaced by a copy, come back", async () => {
  using project = new TempProject({ "a.py": "x = 1\n", "copy.py": "x = 1\n" });
  const file = used(project.at("a.py"));
  const states = await statesThatRemember(file);
  rewrite(file, "x = 2\n");
  expect(states.isSame(file)).toBe(false);
  states.refresh();
  rewrite(file, "x = 1\n");
  expect(states.isSame(file)).toBe(true);
  states.refresh();
  renameSync(project.at("copy.py"), file.path);
  expect(states.isSame(file)).toBe(true);
  states.refresh();
  rmSync(file.path);
  expect(states.isSame(file)).toBe(false);
  states.refresh();
  project.write("a.py", "x = 1\n");
  expect(states.isSame(file)).toBe(true);
});

test("other content is a change, of the same size too", async () => {
  using project = new TempProject({ "a.py": "x = 1\n" });
  const file = used(project.at("a.py"));
  const states = await statesThatRemember(file);
  rewrite(file, "x = 2\n");
  expect(states.isSame(file)).toBe(false);
  expect(states.kindOfChange(file)).toBe("modified");
});

test("other content under the old time and size is a change: no program can set the time of the inode", () => {
  using project = new TempProject({ "a.py": "x = 1\n" });
  const path = project.at("a.py");
  utimesSync(path, LONG_AGO, LONG_AGO);
  const file = used(path);
  rewrite(file, "x = 2\n");
  utimesSync(path, LONG_AGO, LONG_AGO);
  const now = used(path);
  expect({ ...now, ctimeNs: "" }).toEqual({ ...file, ctimeNs: "" });
  expect(new FileStates().isSame(file)).toBe(false);
});

test("a file of which only the inode changed is the same where its content is known", async () => {
  using project = new TempProject({ "a.py": "x = 1\n" });
  const file = used(project.at("a.py"));
  const states = await statesThatRemember(file);
  linkSync(file.path, project.at("link.py"));
  awaitTick(file.path, file.ctimeNs);
  expect(used(file.path)).not.toEqual(file);
  expect(states.isSame(file)).toBe(true);
});

test("what was there and is not any more is deleted, what was not there and is now is created", () => {
  using project = new TempProject({ "a.py": "x = 1\n" });
  const deleted = used(project.at("a.py"));
  const created = absent(project.at("b.py"));
  const states = new FileStates();
  expect(states.isSame(created)).toBe(true);
  rmSync(deleted.path);
  project.write("b.py", "");
  states.refresh();
  expect([deleted, created].map((each) => [states.isSame(each), states.kindOfChange(each)])).toEqual([
    [false, "deleted"],
    [false, "created"],
  ]);
});

test("a file is looked at once between two refreshes, for all who ask", () => {
  using project = new TempProject({ "a.py": "x = 1\n" });
  const file = used(project.at("a.py"));
  const states = new FileStates();
  states.refresh();
  expect(states.isSame(file)).toBe(true);
  project.write("a.py", "x = 22\n");
  expect(states.isSame(file)).toBe(true);
  states.refresh();
  expect(states.isSame(file)).toBe(false);
});

test("a content that came too late to be what was used is not remembered as that", async () => {
  using project = new TempProject({ "a.py": "x = 1\n" });
  const file = used(project.at("a.py"));
  project.write("a.py", "x = 22\n");
  const states = await statesThatRemember(file);
  utimesSync(file.path, LONG_AGO, LONG_AGO);
  expect(states.isSame(file)).toBe(false);
});

test("more files are remembered than are read in one turn", async () => {
  const names = Array.from({ length: 50 }, (_, place) => `${place}.py`);
  using project = new TempProject(Object.fromEntries(names.map((name) => [name, name])));
  const files = names.map((name) => used(project.at(name)));
  const states = await statesThatRemember(...files);
  for (const { path } of files) utimesSync(path, LONG_AGO, LONG_AGO);
  expect(files.filter((each) => !states.isSame(each))).toEqual([]);
});

test.each(goldenListings)("a folder's names make the digest that Python makes: $name", ({ names, digest }) => {
  using project = new TempProject();
  const folder = project.at("listed");
  mkdirSync(folder);
  for (const name of names) writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, "hex")]), "");
  expect(new FileStates().listsSame(folder, digest)).toBe(true);
});

test("a folder lists other names when one came, went or was renamed, and when it has gone itself", () => {
  using project = new TempProject({ "data/a.json": "", "data/.hidden": "" });
  const folder = project.at("data");
  const states = new FileStates();
  const look = (): boolean => {
    states.refresh();
    return states.listsSame(folder, ONE_JSON);
  };
  expect(look()).toBe(true);
  project.write("data/.swap", "");
  project.write("data/a.json", "other content");
  expect(look()).toBe(true);
  project.write("data/b.json", "");
  expect(look()).toBe(false);
  rmSync(project.at("data/b.json"));
  expect(look()).toBe(true);
  renameSync(project.at("data/a.json"), project.at("data/c.json"));
  expect(look()).toBe(false);
  rmSync(folder, { recursive: true });
  expect(look()).toBe(false);
  expect(states.listsSame(folder, "nothing")).toBe(true);
});

test("two versions with one signature are told apart by the content that was told", () => {
  using project = new TempProject({ "a.py": "x = 2\n" });
  const file = used(project.at("a.py"));
  const hashOf = (text: string) => hash("sha256", text, "hex");
  // What was loaded was written in the same tick of the clock, and had the same size.
  expect(new FileStates().isSame({ ...file, hash: hashOf("x = 1\n") })).toBe(false);
  expect(new FileStates().isSame({ ...file, hash: hashOf("x = 2\n") })).toBe(true);
});

test("a version that was not what was loaded is not remembered as that", async () => {
  using project = new TempProject({ "a.py": "x = 2\n" });
  const file = { ...used(project.at("a.py")), hash: hash("sha256", "x = 1\n", "hex") };
  const states = await statesThatRemember(file);
  rewrite(file, "x = 2\n");
  expect(states.isSame(file)).toBe(false);
});

function used(path: string) {
  const signature = statSignature(path);
  if (signature === undefined) throw new Error(`Expected a file at ${path}.`);
  const { mtimeNs, size, ino, ctimeNs } = signature;
  return { path, mtimeNs: `${mtimeNs}`, size, ino: `${ino}`, ctimeNs: `${ctimeNs}` };
}

function absent(path: string) {
  return { path, mtimeNs: "0", size: -1, ino: "0", ctimeNs: "0" };
}

async function statesThatRemember(...files: readonly ReturnType<typeof used>[]): Promise<FileStates> {
  const states = new FileStates();
  states.remember(files);
  // It reads some files in each turn of the event loop, ahead of those who wait for the turn after.
  for (let read = 0; read <= files.length; read += 20) await turn();
  return states;
}

/** Writes a file in place, in a later tick of the clock than its last change. */
function rewrite({ path }: ReturnType<typeof used>, text: string): void {
  awaitTick(path, used(path).ctimeNs);
  writeFileSync(path, text);
}

/** Changes the inode until its time has moved: file systems stamp with the tick of the kernel's clock. */
function awaitTick(path: string, ctimeNs: string): void {
  while (used(path).ctimeNs === ctimeNs) chmodSync(path, 0o644);
}
