import { hash } from "node:crypto";
import type { TrunkProcess } from "../worker/trunk-process.ts";
import type { Freshness } from "./freshness.ts";

const known = new WeakMap<TrunkProcess, string>();

/**
 * Stands for the versions of all files that a timeline has loaded: the same text, the same code. It takes a while where
 * there are many: not for a moment in which somebody waits.
 */
export function codeKey(tip: TrunkProcess, freshness: Freshness): string {
  const before = known.get(tip);
  if (before !== undefined) return before;
  const versions = new Map<string, string>();
  // A patched process has newer versions of some files than the one that it was forked from.
  for (const segment of freshness.line(tip)) {
    for (const { path, mtimeNs, size, ino, ctimeNs } of segment.files)
      versions.set(path, `${mtimeNs} ${size} ${ino} ${ctimeNs}`);
  }
  const text = [...versions].toSorted().map((each) => each.join(" "));
  const key = hash("sha256", [...text, freshness.installedBefore(tip)].join("\n")).slice(0, 16);
  known.set(tip, key);
  return key;
}
