// How a working tree gets to another machine, and stays the same there.
//
//     const reader = new TreeReader(root);                    // one a project: it knows what it has read before
//     const sender = new TreeSender((order) => send(order));  // one a machine: `send` frames an order of protocol/sync-messages.ts
//     sender.take(answer);                                    // for each `sync-…` message that comes back
//     await updateAll(reader, senders);                       // makes all copies what the tree is now
//
// and on the other side, over whatever carries the frames:
//
//     const receiver = new TreeReceiver({ folder });          // completes what was interrupted
//     for (const answer of receiver.take(order)) send(answer);
//     receiver.tree                                           // where the copy is
//
// A copy is only to be told of an edit when nothing runs in it that must not see the edit.

import type { SyncAnswer, SyncOrder } from "../protocol/sync-messages.ts";
import { MAX_PACK_BYTES } from "../protocol/sync-messages.ts";
import { differenceOf, type Manifest } from "./manifest.ts";
import { packs } from "./packs.ts";
import type { Tree } from "./tree-reader.ts";

/** What an update came to. `edited`: the tree has changed meanwhile, and has to be read again. */
export type UpdateEnd =
  | { readonly kind: "done"; readonly written: number; readonly removed: number }
  | { readonly kind: "edited" }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "closed" };

/** Paths in one message. */
const ENTRIES_AT_ONCE = 5_000;

/** Tells one machine what the tree is. */
export class TreeSender {
  readonly #send: (order: SyncOrder) => void | Promise<void>;
  /** The tree that the copy was when we heard of it last. */
  #copy: { readonly id: string; readonly manifest: Manifest } | undefined;
  #waiting: { readonly id: string; readonly resolve: (answer: SyncAnswer | undefined) => void } | undefined;
  #isClosed = false;

  /** `send` may return a promise, where the stream is full. */
  constructor(send: (order: SyncOrder) => void | Promise<void>) {
    this.#send = send;
  }

  /** Makes the copy this tree. One update at a time. */
  async update(tree: Tree): Promise<UpdateEnd> {
    if (this.#isClosed) return { kind: "closed" };
    if (this.#copy === undefined) return this.#tell(tree, undefined);
    const end = await this.#tell(tree, this.#copy);
    if (end !== "unknown") return end;
    this.#copy = undefined;
    return this.#tell(tree, undefined);
  }

  /** An answer has come. */
  take(answer: SyncAnswer): void {
    // An answer to what was told before is of no interest any more.
    if (this.#waiting?.id === answer.id) this.#waiting.resolve(answer);
  }

  /** The machine cannot be reached any more. */
  close(): void {
    this.#isClosed = true;
    this.#waiting?.resolve(undefined);
  }

  async #tell(tree: Tree, base: undefined): Promise<UpdateEnd>;
  async #tell(tree: Tree, base: { readonly id: string; readonly manifest: Manifest }): Promise<UpdateEnd | "unknown">;
  async #tell(
    tree: Tree,
    base: { readonly id: string; readonly manifest: Manifest } | undefined,
  ): Promise<UpdateEnd | "unknown"> {
    const delta = differenceOf(base?.manifest ?? new Map(), tree.manifest);
    // After an edit it is known what the copy lacks, and waiting to be asked would cost the way there and back.
    if (base !== undefined) {
      const end = await this.#sendContents(tree, newContents(base.manifest, tree.manifest));
      if (end !== undefined) return end;
    }
    let answer = this.#answerTo(tree.id);
    const count = Math.max(1, Math.ceil(Math.max(delta.entries.length, delta.gone.length) / ENTRIES_AT_ONCE));
    for (let part = 0; part < count; part += 1) {
      const range = [part * ENTRIES_AT_ONCE, (part + 1) * ENTRIES_AT_ONCE] as const;
      await this.#send({
        type: "sync-tree",
        id: tree.id,
        base: base?.id ?? null,
        entries: delta.entries.slice(...range),
        gone: delta.gone.slice(...range),
        isLast: part === count - 1,
      });
    }
    for (;;) {
      const said = await answer;
      switch (said?.type) {
        case undefined:
          return { kind: "closed" };
        case "sync-unknown":
          if (base === undefined) return { kind: "refused", reason: "it asks for a tree that it was told" };
          return "unknown";
        case "sync-refused":
          return { kind: "refused", reason: said.reason };
        case "sync-done":
          this.#copy = tree;
          return { kind: "done", written: said.written, removed: said.removed };
        case "sync-need": {
          answer = this.#answerTo(tree.id);
          const end = await this.#sendContents(tree, said.hashes);
          if (end !== undefined) return end;
        }
      }
    }
  }

  async #sendContents(tree: Tree, hashes: Iterable<string>): Promise<UpdateEnd | undefined> {
    let isEdited = false;
    function* contents(): Generator<Uint8Array> {
      for (const hash of hashes) {
        const content = tree.contentOf(hash);
        isEdited ||= content === undefined;
        if (content !== undefined) yield content;
      }
    }
    for (const order of packs(contents())) {
      if (this.#isClosed) return { kind: "closed" };
      await this.#send(order);
    }
    return isEdited ? { kind: "edited" } : undefined;
  }

  #answerTo(id: string): Promise<SyncAnswer | undefined> {
    const { promise, resolve } = Promise.withResolvers<SyncAnswer | undefined>();
    this.#waiting = { id, resolve };
    if (this.#isClosed) resolve(undefined);
    return promise;
  }
}

/** Contents that only the later tree has, as far as they fit into one message. */
function newContents(from: Manifest, to: Manifest): ReadonlySet<string> {
  const known = new Set([...from.values()].flatMap((entry) => (entry.kind === "file" ? [entry.hash] : [])));
  const found = new Set<string>();
  let bytes = 0;
  for (const entry of to.values()) {
    if (entry.kind !== "file" || known.has(entry.hash) || found.has(entry.hash)) continue;
    bytes += entry.sizeBytes;
    if (bytes > MAX_PACK_BYTES) return new Set();
    found.add(entry.hash);
  }
  return found;
}
