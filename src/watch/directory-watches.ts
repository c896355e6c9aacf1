import { type FSWatcher, watch } from "node:fs";
import { basename, join, sep } from "node:path";
import { directoryInode, subdirectories, type TreeDirectory } from "./directory-tree.ts";
import type { IgnoreRules } from "./ignore-rules.ts";
import { type WatchListener, watchLimit, watchLost } from "./watch-events.ts";

const LIMIT_ERRORS = new Map([
  ["ENOSPC", "the user's limit of inotify watches is reached"],
  ["EMFILE", "the user's limit of inotify instances or open files is reached"],
  ["ENFILE", "the machine's limit of open files is reached"],
]);
// The kernel drops events beyond its queue of 16,384, and Node does not say so: after a burst this long, all is looked at.
const BURST_LENGTH = 8_192;
const WALK_SLICE_MS = 8;

/**
 * Events for a tree on Linux: one inotify watch a directory, through `fs.watch`, on the event loop's one inotify
 * descriptor. Measured on 2 cores from the start of a write to the callback: 0.2 ms this way. `@parcel/watcher` 2.6 takes
 * 0.6 ms for an event after half a second of silence, and 50.6 ms for every other one (it batches in a thread, for 50 to
 * 500 ms), which is the rhythm of an editor with a formatter. Node's own recursive mode watches each file by itself.
 */
export class DirectoryWatches {
  readonly #rules: IgnoreRules;
  readonly #listener: WatchListener;
  readonly #maxDirectories: number;
  readonly #roots = new Set<string>();
  readonly #single = new Set<string>();
  readonly #watchers = new Map<string, { readonly watcher: FSWatcher; readonly inode: bigint }>();
  readonly #hinted = new Set<string>();
  #eventCount = 0;
  #isFlushing = false;
  #isClosed = false;
  #isFull = false;

  constructor(rules: IgnoreRules, listener: WatchListener, maxDirectories: number) {
    this.#rules = rules;
    this.#listener = listener;
    this.#maxDirectories = maxDirectories;
  }

  /** How many directories have a watch. */
  get size(): number {
    return this.#watchers.size;
  }

  /** Watches the tree at `root`; resolves when every directory has its watch. Lets other work run in between. */
  async addTree(root: string): Promise<void> {
    this.#roots.add(root);
    let sliceEndMs = performance.now() + WALK_SLICE_MS;
    for (const _ of this.#walk(root)) {
      if (performance.now() < sliceEndMs) continue;
      await new Promise((resolve) => setImmediate(resolve));
      sliceEndMs = performance.now() + WALK_SLICE_MS;
    }
  }

  /** Watches the entries of one directory, ignored or outside the tree as it may be. */
  addDirectory(directory: string): void {
    this.#single.add(directory);
    this.#watch(directory);
  }

  /** Ends all watches; no hint comes afterwards. */
  close(): void {
    this.#isClosed = true;
    for (const { watcher } of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  /** Watches each directory before it lists it, so that nothing created meanwhile is missed. */
  *#walk(start: string): Generator<string> {
    const waiting: TreeDirectory[] = [{ path: start, isBehindLink: false }];
    for (let next = waiting.pop(); next !== undefined && !this.#isClosed; next = waiting.pop()) {
      if (this.#rules.isIgnored(next.path, "directory") || !this.#watch(next.path)) continue;
      waiting.push(...subdirectories(next));
      yield next.path;
    }
  }

  #watch(directory: string): boolean {
    const inode = directoryInode(directory);
    const known = this.#watchers.get(directory);
    if (known !== undefined && known.inode === inode) return true;
    if (known !== undefined) this.#unwatchTree(directory);
    if (inode === undefined || this.#isFull || this.#isClosed) return false;
    if (this.#watchers.size >= this.#maxDirectories) {
      this.#fail(directory, `prewarm watches at most ${this.#maxDirectories}`);
      return false;
    }
    try {
      const watcher = watch(directory, { persistent: false }, (type, name) => this.#onEvent(directory, type, name));
      watcher.on("error", (error) => this.#lose(directory, error.message));
      this.#watchers.set(directory, { watcher, inode });
      return true;
    } catch (error) {
      const limit = LIMIT_ERRORS.get(errorCode(error));
      // Otherwise it went away meanwhile, or may not be read: then Python cannot read it either.
      if (limit !== undefined) this.#fail(directory, limit);
      return false;
    }
  }

  #onEvent(directory: string, type: "rename" | "change", name: string | null): void {
    if (this.#isClosed) return;
    this.#eventCount += 1;
    const path = name === null ? directory : join(directory, name);
    this.#hint(path);
    if (type === "change" && name !== ".gitignore") return;
    if (name === ".gitignore") this.#applyNewRules();
    else this.#follow(path);
    // A watched directory that is moved or deleted says so under its own name.
    if (name === basename(directory) && this.#roots.has(directory)) this.#checkRoot(directory);
  }

  /** Brings the watches below a path in line with what is there now. */
  #follow(path: string): void {
    this.#rules.forget(path);
    const inode = directoryInode(path);
    if (this.#watchers.has(path) && this.#watchers.get(path)?.inode !== inode) this.#unwatchTree(path);
    if (inode === undefined) return;
    if (this.#single.has(path)) this.#watch(path);
    for (const added of this.#walk(path)) this.#hint(added);
  }

  #applyNewRules(): void {
    this.#rules.reload();
    for (const path of [...this.#watchers.keys()]) {
      if (this.#rules.isIgnored(path, "directory") && !this.#single.has(path)) this.#unwatch(path);
    }
    for (const root of this.#roots) {
      for (const path of this.#walk(root)) this.#hint(path);
    }
  }

  #checkRoot(root: string): void {
    if (this.#watchers.get(root)?.inode !== directoryInode(root)) this.#lose(root, "it was moved or deleted");
  }

  #lose(directory: string, reason: string): void {
    if (this.#isClosed) return;
    this.#unwatchTree(directory);
    this.#hint(directory);
    this.#listener.onFailure(watchLost(directory, reason));
  }

  #fail(directory: string, reason: string): void {
    this.#isFull = true;
    this.#listener.onFailure(watchLimit(directory, this.#watchers.size, reason));
  }

  #unwatchTree(directory: string): void {
    const inside = directory + sep;
    for (const path of [...this.#watchers.keys()]) {
      if (path === directory || path.startsWith(inside)) this.#unwatch(path);
    }
  }

  #unwatch(directory: string): void {
    this.#watchers.get(directory)?.watcher.close();
    this.#watchers.delete(directory);
  }

  // One turn of the event loop delivers all that the kernel has queued: it becomes one hint, without a delay.
  #hint(path: string): void {
    this.#hinted.add(path);
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(() => {
      const paths = this.#eventCount < BURST_LENGTH ? [...this.#hinted] : [];
      this.#isFlushing = false;
      this.#hinted.clear();
      this.#eventCount = 0;
      if (!this.#isClosed) this.#listener.onHint(paths);
    });
  }
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
