import { foldersAbove } from "./check-manifest.ts";
import { type Entry, type Manifest, sameEntry } from "./manifest.ts";

/** What has to be done to a copy, in this order. */
export interface Update {
  /** Contents that the copy has nowhere. */
  readonly missing: readonly string[];
  /** Contents that the copy has, with a path where it is. */
  readonly atHand: ReadonlyMap<string, string>;
  /** Paths that the tree has no more. A folder that has become empty goes as well. */
  readonly removals: readonly string[];
  /** Paths that are new or changed. */
  readonly changes: readonly (readonly [string, Entry])[];
}

/**
 * How a copy becomes the tree that is wanted. Pure. `have` is what is at the paths of both trees, `was` has the paths that were the tree's
 * before: also where a test has removed the file, its folder may be left to remove.
 */
export function planUpdate(have: Manifest, want: Manifest, was: Iterable<string>): Update {
  const changes = [...want].filter(([path, entry]) => !sameEntry(have.get(path), entry));
  // What a path lies below is written as a folder; a link or file of that name that was the tree's is none any more.
  const removals = [...was].filter((path) => !want.has(path)).toSorted((a, b) => depthOf(b) - depthOf(a));
  const needed = new Set(changes.flatMap(([, entry]) => (entry.kind === "file" ? [entry.hash] : [])));
  const atHand = new Map<string, string>();
  for (const [path, entry] of have) {
    if (entry.kind === "file" && needed.has(entry.hash)) atHand.set(entry.hash, path);
  }
  return { missing: [...needed].filter((hash) => !atHand.has(hash)), atHand, removals, changes };
}

/** Whether nothing has to be done. */
export function isUpToDate({ removals, changes }: Update): boolean {
  return removals.length === 0 && changes.length === 0;
}

function depthOf(path: string): number {
  return foldersAbove(path).length;
}
