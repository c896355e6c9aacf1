import { chmodSync, copyFileSync, mkdirSync, renameSync, rmdirSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { join } from "node:path";
import type { BlobStore } from "./blob-store.ts";
import { foldersAbove } from "./check-manifest.ts";
import type { Entry, Manifest } from "./manifest.ts";
import type { Update } from "./plan-update.ts";
import { lookAt } from "./signature.ts";

/** What an update is carried out with. */
export interface Applying {
  /** The folder of the copy. */
  readonly root: string;
  /** All contents that the update needs. */
  readonly blobs: BlobStore;
  /** What is being written, beside the copy and on the same file system. */
  readonly scratch: string;
  /** The time that new files get, in whole seconds since 1970. */
  readonly second: number;
  readonly want: Manifest;
  readonly onWritten: (path: string, contentHash: string) => void;
  readonly beforeWrite: () => void;
}

const PLAIN_MODE = 0o644;
const EXECUTABLE_MODE = 0o755;

/** Makes a copy the tree that is wanted. Each step leaves every path as it was or as it will be, and doing them twice does no harm. */
export function applyUpdate({ removals, changes }: Update, applying: Applying): void {
  const wantedFolders = new Set([...applying.want.keys()].flatMap(foldersAbove));
  for (const path of removals) remove(path, wantedFolders, applying);
  const lastUses = new Map<string, string>();
  for (const [path, entry] of changes) if (entry.kind === "file") lastUses.set(entry.hash, path);
  for (const [path, entry] of changes) {
    makeFolders(path, applying);
    write(path, entry, entry.kind === "file" && lastUses.get(entry.hash) === path, applying);
  }
}

function remove(path: string, wantedFolders: ReadonlySet<string>, applying: Applying): void {
  const folders = foldersAbove(path);
  const isFolder = (folder: string) => lookAt(join(applying.root, folder))?.isDirectory() === true;
  const firstOther = folders.findIndex((folder) => !isFolder(folder));
  if (firstOther === -1) {
    const full = join(applying.root, path);
    if (isFolder(path)) removeIfEmpty(full, applying);
    else change(applying, () => rmSync(full, { force: true }));
  }
  // Below something that is no folder any more, nothing is the tree's; above it there may be.
  const left = firstOther === -1 ? folders : folders.slice(0, firstOther);
  for (const folder of left.toReversed()) {
    if (wantedFolders.has(folder) || applying.want.has(folder)) return;
    const above = join(applying.root, folder);
    // A folder that is there with bytecode alone would be a package without files, which can be imported.
    change(applying, () => rmSync(join(above, "__pycache__"), { recursive: true, force: true }));
    if (!removeIfEmpty(above, applying)) return;
  }
}

function removeIfEmpty(folder: string, applying: Applying): boolean {
  try {
    change(applying, () => rmdirSync(folder));
    return true;
  } catch {
    // There is something in it that a test has made.
    return false;
  }
}

/** The folders that a path lies in; what else has such a name is in the way. */
function makeFolders(path: string, applying: Applying): void {
  for (const folder of foldersAbove(path)) {
    const full = join(applying.root, folder);
    const stats = lookAt(full);
    if (stats?.isDirectory() === true) continue;
    if (stats !== undefined) change(applying, () => rmSync(full, { force: true }));
    change(applying, () => mkdirSync(full));
  }
}

function write(path: string, entry: Entry, isLastUse: boolean, applying: Applying): void {
  const full = join(applying.root, path);
  switch (entry.kind) {
    case "folder":
      clearTheWay(full, true, applying);
      change(applying, () => mkdirSync(full, { recursive: true }));
      break;
    case "link":
      change(applying, () => rmSync(applying.scratch, { force: true }));
      change(applying, () => symlinkSync(entry.target, applying.scratch));
      clearTheWay(full, false, applying);
      change(applying, () => renameSync(applying.scratch, full));
      break;
    case "file":
      writeFile(full, entry, isLastUse, applying);
      applying.onWritten(path, entry.hash);
      break;
  }
}

function writeFile(full: string, entry: Entry & { kind: "file" }, isLastUse: boolean, applying: Applying): void {
  const blob = applying.blobs.pathOf(entry.hash);
  const from = isLastUse ? blob : applying.scratch;
  if (!isLastUse) {
    change(applying, () => rmSync(applying.scratch, { force: true }));
    change(applying, () => copyFileSync(blob, applying.scratch));
  }
  change(applying, () => chmodSync(from, entry.isExecutable ? EXECUTABLE_MODE : PLAIN_MODE));
  change(applying, () => utimesSync(from, applying.second, applying.second));
  clearTheWay(full, false, applying);
  change(applying, () => renameSync(from, full));
  if (isLastUse) applying.blobs.forget(entry.hash);
}

/** Removes what no rename replaces: a folder, or whatever is no folder where one belongs. */
function clearTheWay(full: string, isForFolder: boolean, applying: Applying): void {
  const stats = lookAt(full);
  if (stats === undefined || stats.isDirectory() === isForFolder) return;
  if (stats.isDirectory() || isForFolder) change(applying, () => rmSync(full, { recursive: true, force: true }));
}

function change({ beforeWrite }: Applying, act: () => void): void {
  beforeWrite();
  act();
}
