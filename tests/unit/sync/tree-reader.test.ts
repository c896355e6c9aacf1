import { execFileSync } from "node:child_process";
import { renameSync, utimesSync } from "node:fs";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { type Tree, TreeReader } from "../../../src/sync/tree-reader.ts";
import { TempFolder } from "./rig.ts";

async function read(reader: TreeReader): Promise<Tree> {
  const result = await reader.read();
  if (!result.ok) throw new Error(result.error.sentence);
  return result.value;
}

test("what git ignores stays at home, unless git tracks it", async () => {
  using folder = new TempFolder();
  for (const path of [
    "app/core.py",
    "app/_version.py",
    "out/kept.txt",
    "out/dropped.txt",
    ".env",
    ".config/a.ini",
    "app/__pycache__/x.pyc",
  ]) {
    folder.write(path, path);
  }
  folder.write(".gitignore", "_version.py\n/out\n.env\n");
  folder.write("environment/pyvenv.cfg", "");
  folder.write("environment/bin/python", "");
  folder.write("empty/of/files/.DS_Store", "");
  const git = (...args: readonly string[]) => execFileSync("git", ["-C", folder.path, ...args]);
  git("init", "--quiet");
  git("add", "--force", "out/kept.txt");
  const { manifest, leftOut } = await read(new TreeReader(folder.path));
  expect([...manifest.keys()].toSorted()).toEqual([
    ".config/a.ini",
    ".gitignore",
    "app/core.py",
    "empty/of/files",
    "out/kept.txt",
  ]);
  expect(leftOut).toEqual([]);
});

test("modes and links are part of a tree, and what cannot travel is named", async () => {
  using folder = new TempFolder();
  folder.write("run.sh", "#!/bin/sh\n", 0o755);
  folder.write("data/a.txt", "a");
  folder.link("here", folder.at("data/a.txt"));
  folder.link("data/up", "..");
  folder.link("away", "/etc/hostname");
  await using server = createServer();
  await new Promise<void>((resolve) => server.listen(folder.at("socket"), resolve));
  const { manifest, leftOut } = await read(new TreeReader(folder.path));
  expect(manifest.get("run.sh")).toMatchObject({ kind: "file", sizeBytes: 10, isExecutable: true });
  expect(manifest.get("data/a.txt")).toMatchObject({ isExecutable: false });
  expect(manifest.get("here")).toEqual({ kind: "link", target: "data/a.txt" });
  expect(manifest.get("data/up")).toEqual({ kind: "link", target: ".." });
  expect(leftOut.toSorted((a, b) => a.path.localeCompare(b.path))).toEqual([
    { path: "away", reason: "the link leads out of the tree" },
    { path: "socket", reason: "it is neither file, folder nor link" },
  ]);
});

test("an edit is seen at once, also one that leaves size and time as they were", async () => {
  using folder = new TempFolder();
  folder.write("a.py", "VALUE = 1\n");
  utimesSync(folder.at("a.py"), 1_700_000_000, 1_700_000_000);
  const reader = new TreeReader(folder.path);
  const ids = new Set<string>();
  for (let value = 0; value < 10; value += 1) {
    folder.write("b.py", `VALUE = ${value}\n`);
    utimesSync(folder.at("b.py"), 1_700_000_000, 1_700_000_000);
    renameSync(folder.at("b.py"), folder.at("a.py"));
    ids.add((await read(reader)).id);
    folder.write("a.py", `VALUE = ${value}\n#`);
    ids.add((await read(reader)).id);
  }
  expect(ids.size).toBe(20);
});

test("a content that was edited since is not passed off as the one that was read", async () => {
  using folder = new TempFolder();
  folder.write("a.py", "VALUE = 1\n");
  const tree = await read(new TreeReader(folder.path));
  const entry = tree.manifest.get("a.py");
  const hash = entry?.kind === "file" ? entry.hash : "";
  expect(Buffer.from(tree.contentOf(hash) ?? []).toString()).toBe("VALUE = 1\n");
  folder.write("a.py", "VALUE = 2\n");
  expect(tree.contentOf(hash)).toBeUndefined();
});

test("a tree that is too large is refused with the largest files by name", async () => {
  using folder = new TempFolder();
  const mib = "m".repeat(1024 ** 2);
  folder.write("data/large.bin", mib.repeat(3));
  folder.write("data/larger.bin", mib.repeat(4));
  folder.write("a.py", "");
  const read = async (limits: { files: number; fileBytes: number; totalBytes: number }) => {
    const result = await new TreeReader(folder.path, limits).read();
    return result.ok ? undefined : `${result.error.code}: ${result.error.sentence}`;
  };
  expect(await read({ files: 10, fileBytes: 5e6, totalBytes: 5e6 })).toBe(
    "tree-too-large: The files to send come to 7.0 MiB, more than 4.8 MiB. The largest: data/larger.bin (4.0 MiB), data/large.bin (3.0 MiB), a.py (0.0 MiB).",
  );
  expect(await read({ files: 10, fileBytes: 4e6, totalBytes: 9e6 })).toBe(
    "tree-too-large: A file to send is larger than 3.8 MiB. The largest: data/larger.bin (4.0 MiB), data/large.bin (3.0 MiB), a.py (0.0 MiB).",
  );
  expect(await read({ files: 2, fileBytes: 9e6, totalBytes: 9e6 })).toBe(
    "tree-too-large: The working tree has 3 paths to send, more than 2.",
  );
  expect(await read({ files: 3, fileBytes: 9e6, totalBytes: 9e6 })).toBeUndefined();
});
