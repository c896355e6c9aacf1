import { hash } from "node:crypto";
import type { TrunkProcess } from "../../worker/trunk-process.ts";
import type { Freshness } from "../timelines/freshness.ts";

/** What a process and all before it have loaded: the versions of its own files, and all of them in one number. */
interface Loaded {
  readonly own: ReadonlyMap<string, bigint>;
  readonly all: bigint;
}

const known = new WeakMap<TrunkProcess, Loaded>();

/**
 * Stands for the versions of all files that a timeline has loaded: the same text, the same code. It takes a while where
 * there are many that no key was made of: not for a moment in which somebody waits.
 */
export function codeKey(tip: TrunkProcess, freshness: Freshness): string {
  const line = tip.lineage();
  let all = 0n;
  for (const [index, process] of line.entries()) {
    const loaded = known.get(process) ?? load(process, freshness, line.slice(0, index), all);
    known.set(process, loaded);
    all = loaded.all;
  }
  return hash("sha256", `${all} ${freshness.installedBefore(tip)}`).slice(0, 16);
}

// The order of files and the places of checkpoints make no other code: the versions are combined without an order.
function load(process: TrunkProcess, freshness: Freshness, before: readonly TrunkProcess[], allBefore: bigint): Loaded {
  const own = new Map<string, bigint>();
  let all = allBefore;
  for (const { path, mtimeNs, size, ino, ctimeNs } of freshness.segmentOf(process).files) {
    const version = BigInt(`0x${hash("sha1", `${path}\0${mtimeNs} ${size} ${ino} ${ctimeNs}`).slice(0, 32)}`);
    // A patched process has newer versions of some files than the one that it was forked from.
    const older = before.findLast((each) => known.get(each)?.own.has(path) === true);
    all ^= version ^ ((older && known.get(older)?.own.get(path)) ?? 0n);
    own.set(path, version);
  }
  return { own, all };
}
