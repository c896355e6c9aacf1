import { isInsideLink } from "./link-target.ts";
import type { Manifest } from "./manifest.ts";

/** How much a tree may hold. */
export interface TreeLimits {
  readonly files: number;
  /** Bytes of one file, and of all files. */
  readonly fileBytes: number;
  readonly totalBytes: number;
}

export const TREE_LIMITS: TreeLimits = { files: 250_000, fileBytes: 64 * 1024 ** 2, totalBytes: 512 * 1024 ** 2 };

/** What file systems take: bytes of one name, and of a path. */
const MAX_NAME_BYTES = 255;
const MAX_PATH_BYTES = 2048;

/**
 * Why a tree that somebody sent must not be written, or undefined. Whoever reaches this end may run programs here anyway, so this is not
 * a wall; it keeps a mistaken or mistreated sender from writing outside of the copy.
 *
 * `foldsCase`: the file system takes names that differ in case alone for the same.
 */
export function objectionTo(manifest: Manifest, limits: TreeLimits, foldsCase: boolean): string | undefined {
  if (manifest.size > limits.files) return `it has ${manifest.size} paths, more than ${limits.files}`;
  let totalBytes = 0;
  for (const [path, entry] of manifest) {
    const objection = objectionToPath(path);
    if (objection !== undefined) return `the path ${JSON.stringify(path)} ${objection}`;
    if (entry.kind === "link" && !isInsideLink(path, entry.target)) {
      return `the link ${JSON.stringify(path)} leads out of the tree: ${JSON.stringify(entry.target)}`;
    }
    if (entry.kind !== "file") continue;
    totalBytes += entry.sizeBytes;
    if (entry.sizeBytes > limits.fileBytes)
      return `the file ${JSON.stringify(path)} is too large: ${entry.sizeBytes} bytes`;
    if (totalBytes > limits.totalBytes) return `its files are more than ${limits.totalBytes} bytes`;
  }
  return clashIn(manifest, foldsCase);
}

function objectionToPath(path: string): string | undefined {
  if (path === "") return "is empty";
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) return "is absolute";
  if (path.includes("\0")) return "has a null character";
  if (!path.isWellFormed()) return "is no text";
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return "is too long";
  for (const name of path.split("/")) {
    if (name === "" || name === "." || name === "..") return `has the part ${JSON.stringify(name)}`;
    if (Buffer.byteLength(name) > MAX_NAME_BYTES) return "has a name that is too long";
    // Hooks and settings that git runs.
    if (name.toLowerCase() === ".git") return "is part of a repository of git";
  }
  return undefined;
}

/** A path that lies below one that is no folder, or two that are one to the file system. */
function clashIn(manifest: Manifest, foldsCase: boolean): string | undefined {
  const fold = (path: string) => (foldsCase ? path.normalize("NFC").toLowerCase() : path);
  const spelt = new Map<string, string>();
  // Folders count as well: on such a file system `a/x` and `A/y` are in one folder, which has one name.
  const clash = (path: string): string | undefined => {
    const other = spelt.get(fold(path));
    spelt.set(fold(path), path);
    return other === undefined || other === path
      ? undefined
      : `${JSON.stringify(other)} and ${JSON.stringify(path)} are one path here`;
  };
  for (const path of manifest.keys()) {
    const objection = clash(path);
    if (objection !== undefined) return objection;
    for (const above of foldersAbove(path)) {
      const entry = manifest.get(above);
      if (entry !== undefined)
        return `${JSON.stringify(path)} lies below ${JSON.stringify(above)}, which is a ${entry.kind}`;
      const folded = foldsCase ? clash(above) : undefined;
      if (folded !== undefined) return folded;
    }
  }
  return undefined;
}

/** The folders that a path lies in, the outermost first; not the root. */
export function foldersAbove(path: string): readonly string[] {
  const names = path.split("/");
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join("/"));
}
