import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SyncAnswer, SyncOrder, WireEntry } from "../protocol/sync-messages.ts";
import { applyUpdate } from "./apply-update.ts";
import { BlobStore } from "./blob-store.ts";
import { objectionTo, TREE_LIMITS, type TreeLimits } from "./check-manifest.ts";
import { CopyLook } from "./copy-look.ts";
import { CopyState, type Saved } from "./copy-state.ts";
import { differenceOf, type Entry, type Manifest, manifestId, withDelta } from "./manifest.ts";
import { unpack } from "./packs.ts";
import { isUpToDate, planUpdate, type Update } from "./plan-update.ts";

/**
 * What a copy is about to become.
 *
 *     idle ──part──▶ told ──last part──▶ lacking ──all contents there──▶ idle
 *                                 └──nothing is lacking──────────────────▲
 *
 * A tree that is told anew takes the place of one that was not finished.
 */
type ReceiverState =
  | { readonly kind: "idle" }
  | { readonly kind: "told"; readonly id: string; readonly entries: WireEntry[]; readonly gone: string[] }
  | {
      readonly kind: "lacking";
      readonly id: string;
      readonly want: Manifest;
      readonly update: Update;
      readonly missing: Set<string>;
    };

/** Where a copy is kept. */
export interface ReceiverOptions {
  /** A folder for the copy alone, private to its user. */
  readonly folder: string;
  readonly limits?: TreeLimits;
  /** Called before each change of the disk. */
  readonly beforeWrite?: () => void;
}

type TreePart = Extract<SyncOrder, { type: "sync-tree" }>;

/**
 * Keeps a copy of a tree, in `folder/tree`. Whatever it is told, and whenever its process ends, the copy is the tree before, the tree
 * after, or on its way from one to the other, which opening it again completes.
 *
 * What else is in the folder, because it was made by tests, stays unless it is in the way. What the tree has and a test has changed
 * becomes as the tree has it.
 */
export class TreeReceiver {
  /** The folder of the copy. */
  readonly tree: string;
  readonly #folder: string;
  readonly #limits: TreeLimits;
  readonly #beforeWrite: () => void;
  readonly #saved: CopyState;
  readonly #blobs: BlobStore;
  readonly #look: CopyLook;
  readonly #foldsCase: boolean;
  #has: Manifest = new Map();
  #id: string;
  #second = 0;
  #state: ReceiverState = { kind: "idle" };

  constructor({ folder, limits = TREE_LIMITS, beforeWrite = () => {} }: ReceiverOptions) {
    this.#folder = folder;
    this.tree = join(folder, "tree");
    this.#limits = limits;
    this.#beforeWrite = beforeWrite;
    this.#saved = new CopyState(folder, beforeWrite);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#foldsCase = foldsCaseIn(folder);
    const state = this.#saved.read("state");
    const update = this.#saved.read("update");
    // Of a copy of which nothing is known, no path can be told from those that tests have made.
    if (state === undefined && update === undefined) rmSync(this.tree, { recursive: true, force: true });
    mkdirSync(this.tree, { recursive: true });
    this.#blobs = new BlobStore(join(folder, "blobs"), limits.totalBytes, beforeWrite);
    this.#look = new CopyLook(this.tree);
    if (state !== undefined) {
      this.#has = withDelta(new Map(), state);
      this.#second = state.second;
    }
    this.#id = manifestId(this.#has);
    if (update !== undefined) this.#recoverOrBeginAnew(update);
  }

  /** The id of the tree that the copy is. */
  get id(): string {
    return this.#id;
  }

  /** Takes a message of the sender; returns the answers. What the disk refuses is an answer, too. */
  take(order: SyncOrder): readonly SyncAnswer[] {
    try {
      return order.type === "sync-tree" ? this.#takeTree(order) : this.#takeBlobs(order);
    } catch (error) {
      return this.#giveUp(error);
    }
  }

  #takeTree(part: TreePart): readonly SyncAnswer[] {
    const { id, base, isLast } = part;
    if (base !== null && base !== this.#id) return this.#end(isLast ? [{ type: "sync-unknown", id }] : []);
    const state = this.#state;
    const told =
      state.kind === "told" && state.id === id ? state : { kind: "told" as const, id, entries: [], gone: [] };
    told.entries.push(...part.entries);
    told.gone.push(...part.gone);
    this.#state = told;
    if (told.entries.length > this.#limits.files)
      return this.#refuse(id, `it has more than ${this.#limits.files} paths`);
    if (!isLast) return [];
    const want = withDelta(base === null ? new Map() : this.#has, told);
    const objection = objectionTo(want, this.#limits, this.#foldsCase);
    if (objection !== undefined) return this.#refuse(id, objection);
    if (manifestId(want) !== id) return this.#refuse(id, "its parts do not make the tree that they name");
    return this.#plan(id, want);
  }

  #plan(id: string, want: Manifest): readonly SyncAnswer[] {
    const update = this.#updateTo(want);
    const missing = new Set(update.missing.filter((hash) => !this.#blobs.has(hash)));
    this.#state = { kind: "lacking", id, want, update, missing };
    return missing.size === 0 ? this.#write() : [{ type: "sync-need", id, hashes: [...missing] }];
  }

  #takeBlobs(order: Extract<SyncOrder, { type: "sync-blobs" }>): readonly SyncAnswer[] {
    const id = this.#state.kind === "idle" ? "" : this.#state.id;
    const parts = unpack(order);
    if (parts === undefined) return this.#refuse(id, "contents cannot be unpacked");
    for (const part of parts) {
      const fault = this.#blobs.add(part);
      if (fault !== undefined) return this.#refuse(id, fault);
    }
    const state = this.#state;
    if (state.kind !== "lacking") return [];
    for (const { hash } of parts) if (this.#blobs.has(hash)) state.missing.delete(hash);
    return state.missing.size === 0 ? this.#write() : [];
  }

  #updateTo(want: Manifest): Update {
    const was = this.#has.keys();
    return planUpdate(this.#look.at(new Set([...this.#has.keys(), ...want.keys()])), want, was);
  }

  /** Everything is here. */
  #write(): readonly SyncAnswer[] {
    const state = this.#state;
    if (state.kind !== "lacking") return [];
    const { id, want, update } = state;
    for (const [hash, path] of update.atHand) {
      // A test has changed it since it was looked at: it is missing now.
      if (!this.#blobs.has(hash) && !this.#blobs.copyFrom(join(this.tree, path), hash)) return this.#plan(id, want);
    }
    if (!isUpToDate(update) || id !== this.#id) {
      // Later than any version before, and than everything that was written at its own time: Python tells versions of a source apart
      // by whole seconds and size, and would use the bytecode of one for another.
      const second = Math.max(this.#second, Math.floor(Date.now() / 1000)) + 1;
      this.#saved.write("update", { second, ...differenceOf(this.#has, want) });
      this.#apply(update, want, second);
    }
    this.#blobs.clear();
    return this.#end([{ type: "sync-done", id, written: update.changes.length, removed: update.removals.length }]);
  }

  #recoverOrBeginAnew(update: Saved): void {
    try {
      this.#recover(update);
    } catch {
      // Contents for it have gone as well, after the disk had refused something.
      rmSync(this.tree, { recursive: true, force: true });
      mkdirSync(this.tree);
      this.#apply(planUpdate(new Map(), new Map(), []), new Map(), update.second);
    }
  }

  /** An update was begun, and its process has ended. */
  #recover({ second, ...delta }: Saved): void {
    const want = withDelta(this.#has, delta);
    const update = this.#updateTo(want);
    for (const [hash, path] of update.atHand)
      if (!this.#blobs.has(hash)) this.#blobs.copyFrom(join(this.tree, path), hash);
    this.#apply(update, want, second);
  }

  #apply(update: Update, want: Manifest, second: number): void {
    applyUpdate(update, {
      root: this.tree,
      blobs: this.#blobs,
      scratch: join(this.#folder, "scratch"),
      second,
      want,
      onWritten: (path, hash) => this.#look.wrote(path, hash),
      beforeWrite: this.#beforeWrite,
    });
    this.#has = want;
    this.#id = manifestId(want);
    this.#second = second;
    this.#saved.write("state", { second, ...differenceOf(new Map<string, Entry>(), want) });
    this.#saved.remove("update");
    this.#blobs.clear();
  }

  /** The disk is full, or takes no more. The copy may be anything between what it was and what it was to become. */
  #giveUp(error: unknown): readonly SyncAnswer[] {
    const state = this.#state;
    if (state.kind === "lacking") this.#has = new Map([...this.#has, ...state.want]);
    this.#id = manifestId(this.#has);
    this.#blobs.forgetAll();
    return this.#end([{ type: "sync-refused", id: state.kind === "idle" ? "" : state.id, reason: String(error) }]);
  }

  #refuse(id: string, reason: string): readonly SyncAnswer[] {
    this.#blobs.clear();
    return this.#end([{ type: "sync-refused", id, reason }]);
  }

  #end(answers: readonly SyncAnswer[]): readonly SyncAnswer[] {
    this.#state = { kind: "idle" };
    return answers;
  }
}

function foldsCaseIn(folder: string): boolean {
  const name = join(folder, "case-of-names");
  writeFileSync(name, "");
  const folds = existsSync(join(folder, "CASE-OF-NAMES"));
  rmSync(name);
  return folds;
}
