import { dirname } from "node:path";
import { type FileChange, versionOf } from "./file-change.ts";
import { statEntry } from "./fingerprint.ts";
import type { Sweep } from "./sweep.ts";
import { unfinishedForMs } from "./unfinished.ts";

/** File changes that belong together. */
export type Edit = {
  /** Every difference between what the Python side has loaded and the disk. */
  readonly changes: readonly FileChange[];
  /** Those that no earlier edit told. A file that went back to its loaded version is one of them, and not in `changes`. */
  readonly fresh: readonly FileChange[];
};

export type SettleOptions = {
  /** Whether a tool is in the middle of changing many files, as git is during a checkout. Asked again while it is true. */
  readonly isBusy?: () => boolean;
};

// A file that is written for longer is told as it is, and again when it is complete.
const LONGEST_HOLD_MS = 500;
const LONGEST_BUSY_MS = 5_000;
const BUSY_LOOK_MS = 10;

/**
 * Turns hints into edits. States, one at a time:
 *
 *     quiet ──hint──▶ look ──all changes look finished──▶ onEdit, quiet
 *                      ▲ └──some may be half of a save──▶ held
 *                      └──────a hint, or its time is up──────┘
 *
 * There is no debounce: the first event is looked at when it comes, and the edit is told in the same turn of the event
 * loop unless a file looks half-written. Each hint while something is held looks again at once, so a save that takes two
 * events is told with the second one, not after a wait.
 */
export class Settler implements Disposable {
  readonly #sweep: Sweep;
  readonly #onEdit: (edit: Edit) => void;
  readonly #isBusy: () => boolean;
  /** The version last told of each path with a difference. */
  readonly #told = new Map<string, FileChange>();
  /** When each version that may be unfinished was first seen, in milliseconds of `performance.now()`. */
  #doubtfulSinceMs = new Map<string, number>();
  #heldSinceMs: number | undefined;
  /** Whether everything was looked at in this turn of the event loop. */
  #hasLooked = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(sweep: Sweep, onEdit: (edit: Edit) => void, { isBusy = () => false }: SettleOptions = {}) {
    this.#sweep = sweep;
    this.#onEdit = onEdit;
    this.#isBusy = isBusy;
  }

  /** Looks at once whether these absolute paths changed; an empty list looks at everything. */
  hint(paths: readonly string[]): void {
    if (paths.length === 0 || this.#heldSinceMs !== undefined || this.#concerns(paths)) this.#look();
  }

  /** Whether all that is on disk was looked at and told in this turn of the event loop: another look would take its time for nothing. */
  get hasJustTold(): boolean {
    return this.#hasLooked && this.#heldSinceMs === undefined;
  }

  /** What is on disk now, finished or not, for a run that was asked for: counts as told, and drops what is held. */
  take(): Edit {
    this.#release();
    const edit = this.#edit();
    this.#tell(edit);
    return edit;
  }

  /**
   * A run has executed files that the Python side does not keep, as new test files: those that were told are watched in
   * the version that was told. `wasUsed` says which files those are.
   */
  keep(wasUsed: (path: string) => boolean): void {
    for (const { path, kind, of, signature, content } of this.#told.values()) {
      if (kind === "deleted" || of === "directory" || signature === undefined || this.#sweep.has(path)) continue;
      if (wasUsed(path)) this.#sweep.add(path, signature, content?.hash);
    }
  }

  [Symbol.dispose](): void {
    this.#release();
  }

  // Most events are about files that nobody loaded: they are answered without a sweep of everything.
  #concerns(paths: readonly string[]): boolean {
    if (this.#sweep.check(paths).length > 0) return true;
    return paths.some((path) => {
      // In a directory that was told and is not loaded yet, the sweep has no entry to look at.
      if (this.#told.has(path) || this.#told.has(dirname(path))) return true;
      if (this.#sweep.has(path)) return false;
      // A directory that was moved takes files along that have no events of their own.
      const entry = statEntry(path);
      return entry === undefined || entry.isDirectory;
    });
  }

  #look(): void {
    clearTimeout(this.#timer);
    const edit = this.#edit();
    const waitMs = edit.fresh.length === 0 ? 0 : this.#waitMs(edit.fresh);
    if (waitMs > 0) {
      this.#timer = setTimeout(() => this.#look(), waitMs);
      return;
    }
    this.#release();
    if (edit.fresh.length === 0) return;
    this.#tell(edit);
    this.#onEdit(edit);
  }

  /** In how many milliseconds to look again, at the latest; 0 when the changes can be told now. */
  #waitMs(fresh: readonly FileChange[]): number {
    const nowMs = performance.now();
    this.#heldSinceMs ??= nowMs;
    const heldMs = nowMs - this.#heldSinceMs;
    if (heldMs < LONGEST_BUSY_MS && this.#isBusy()) return BUSY_LOOK_MS;
    if (heldMs >= LONGEST_HOLD_MS) return 0;

    const doubtful = new Map<string, number>();
    let dueMs = nowMs;
    for (const change of fresh) {
      const key = `${change.path}\0${versionOf(change)}`;
      const sinceMs = this.#doubtfulSinceMs.get(key) ?? nowMs;
      doubtful.set(key, sinceMs);
      dueMs = Math.max(dueMs, sinceMs + unfinishedForMs(change));
    }
    this.#doubtfulSinceMs = doubtful;
    return Math.ceil(dueMs - nowMs);
  }

  #edit(): Edit {
    const changes = this.#sweep.check();
    this.#hasLooked = true;
    setImmediate(() => {
      this.#hasLooked = false;
    });
    const fresh = changes.filter((change) => {
      const told = this.#told.get(change.path);
      return told === undefined || versionOf(told) !== versionOf(change);
    });
    return { changes, fresh: [...fresh, ...this.#reverted(changes)] };
  }

  /** The told changes that are gone from the disk, as opposed to those that were loaded since. */
  #reverted(changes: readonly FileChange[]): readonly FileChange[] {
    const different = new Set(changes.map(({ path }) => path));
    const reverted: FileChange[] = [];
    for (const [path, told] of this.#told) {
      if (different.has(path)) continue;
      const loaded = this.#sweep.versionOf(path);
      // Of a file that is only listed nobody has read the content.
      const isListed = loaded === "file" && told.of === "file" && told.kind !== "deleted";
      if (loaded === undefined || isListed || loaded === versionOf(told)) this.#told.delete(path);
      else reverted.push(undo(told));
    }
    return reverted;
  }

  #tell({ changes, fresh }: Edit): void {
    for (const { path } of fresh) this.#told.delete(path);
    for (const change of changes) this.#told.set(change.path, change);
  }

  #release(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#heldSinceMs = undefined;
    this.#doubtfulSinceMs.clear();
  }
}

const OPPOSITE = { created: "deleted", modified: "modified", deleted: "created" } as const;

function undo({ path, kind, of }: FileChange): FileChange {
  return { path, kind: OPPOSITE[kind], of };
}
