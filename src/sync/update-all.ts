import { ok, type Result } from "../base/result.ts";
import type { Problem } from "../protocol/errors.ts";
import type { Tree, TreeReader } from "./tree-reader.ts";
import type { TreeSender, UpdateEnd } from "./tree-sender.ts";

/** All copies, and the tree that they were made. */
export interface Updated {
  readonly tree: Tree;
  /** What it came to for each sender, in their order; `edited` where the tree never held still. */
  readonly ends: readonly UpdateEnd[];
}

/** Somebody who saves this often while a tree is sent is waited for no longer. */
const MOST_READINGS = 10;

/** Makes all copies what the tree is now, all the same: a tree that is edited meanwhile is read again, and told to all. */
export async function updateAll(reader: TreeReader, senders: readonly TreeSender[]): Promise<Result<Updated, Problem>> {
  for (let readings = 1; ; readings += 1) {
    const read = await reader.read();
    if (!read.ok) return read;
    const ends = await Promise.all(senders.map((sender) => sender.update(read.value)));
    if (readings === MOST_READINGS || !ends.some(({ kind }) => kind === "edited"))
      return ok({ tree: read.value, ends });
  }
}
