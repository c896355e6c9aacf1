import { readdirSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join, relative } from "node:path";
import { statEntry } from "./fingerprint.ts";

/** A directory on the way through a tree, and whether a symbolic link led there. */
export type TreeDirectory = { readonly path: string; readonly isBehindLink: boolean };

/**
 * The directories in a directory. pytest follows links to directories; one level of links is followed here, and none to
 * a directory above, so that a circle ends.
 */
export function subdirectories({ path, isBehindLink }: TreeDirectory): readonly TreeDirectory[] {
  const found: TreeDirectory[] = [];
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      const inner = join(path, entry.name);
      if (entry.isDirectory()) found.push({ path: inner, isBehindLink });
      else if (
        entry.isSymbolicLink() &&
        !isBehindLink &&
        directoryInode(inner) !== undefined &&
        !pointsUpwards(inner)
      ) {
        found.push({ path: inner, isBehindLink: true });
      }
    }
  } catch {
    // It went away while it was being listed; its parent's watch tells.
  }
  return found;
}

/** The inode of the directory at `path`; undefined when there is none. */
export function directoryInode(path: string): bigint | undefined {
  const entry = statEntry(path);
  return entry?.isDirectory ? entry.signature.ino : undefined;
}

function pointsUpwards(link: string): boolean {
  try {
    const way = relative(realpathSync(link), realpathSync(dirname(link)));
    return !way.startsWith("..") && !isAbsolute(way);
  } catch {
    return true;
  }
}
