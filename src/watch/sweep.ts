import { basename, dirname, join } from "node:path";
import { type Listing, type ListingReader, listDirectory } from "./directory-listing.ts";
import type { FileChange, PathVersion, Report } from "./file-change.ts";
import { type FileSignature, readContent, statEntry } from "./fingerprint.ts";
import { WatchedDirectory } from "./watched-directory.ts";
import { WatchedFile } from "./watched-file.ts";

type Watched = WatchedFile | WatchedDirectory | "absent" | "present";

/**
 * Compares the disk with what the Python side has loaded. This is the truth about changes; events of the file system
 * are only a reason to look now. A difference is reported by every check until `adopt` or `add` says that the Python side
 * has it too, so nothing is lost when a plan is dropped half-way.
 *
 * A check of 1,200 unchanged files in 60 directories takes 2 ms (2 cores, ext4); hashing them all in idle time, 11 to 18 ms.
 */
export class Sweep {
  readonly #watched = new Map<string, Watched>();
  readonly #pending = new Set<WatchedFile>();
  readonly #isIgnored: (path: string) => boolean;

  /** `isIgnored` tells which new directories are not looked into. */
  constructor(isIgnored: (directory: string) => boolean = () => false) {
    this.#isIgnored = isIgnored;
  }

  /** How many paths are watched. */
  get size(): number {
    return this.#watched.size;
  }

  /** Watches a file in the version that was loaded: its signature from before the read and, where known, its SHA-256. */
  add(path: string, signature: FileSignature, hash?: string): void {
    const known = this.#watched.get(path);
    // After each run all that is loaded is named again: what was found out about the same version stands.
    if (hash === undefined && known instanceof WatchedFile && !known.isPending && known.isLoadedAs(signature)) return;
    this.#forgetPending(path);
    const file = new WatchedFile(path, signature, hash, Date.now());
    this.#watched.set(path, file);
    if (file.isPending) this.#pending.add(file);
  }

  /** Watches a directory's entries, as far as they matter to its reader: those in `listing`, which the Python side saw, or what lies there now. */
  addDirectory(path: string, listing?: Listing, forWhom: ListingReader = "imports"): void {
    this.#forgetPending(path);
    const known = listing ?? listDirectory(path, forWhom) ?? new Map();
    this.#watched.set(path, new WatchedDirectory(path, known, forWhom));
  }

  /** Watches whether something is at a path, whatever it holds, unless more of it is watched; what is there now is known. */
  addPresence(path: string): void {
    const watched = this.#watched.get(path);
    if (watched instanceof WatchedFile || watched instanceof WatchedDirectory) return;
    this.#watched.set(path, statEntry(path) === undefined ? "absent" : "present");
  }

  /** Watches for the creation of a path that was looked for and not there. */
  addAbsent(path: string): void {
    this.#forgetPending(path);
    this.#watched.set(path, "absent");
  }

  /** Stops watching the path. */
  remove(path: string): void {
    this.#forgetPending(path);
    this.#watched.delete(path);
  }

  /** Whether the path is watched itself, not only as an entry of its directory. */
  has(path: string): boolean {
    return this.#watched.has(path);
  }

  /** What the Python side knows to be at the path: a hash for a file; undefined when it is not watched or not hashed yet. */
  versionOf(path: string): PathVersion | undefined {
    const watched = this.#watched.get(path);
    if (watched instanceof WatchedFile) return watched.hash;
    if (watched === "present") return undefined;
    if (watched !== undefined) return watched === "absent" ? "nothing" : "directory";
    const parent = this.#watched.get(dirname(path));
    return parent instanceof WatchedDirectory ? (parent.kindOf(basename(path)) ?? "nothing") : undefined;
  }

  /** Hashes files that still have the signature with which they were loaded, for about `budgetMs`; returns how many are left. */
  hashPending(budgetMs: number): number {
    const endMs = performance.now() + budgetMs;
    for (const file of this.#pending) {
      if (performance.now() >= endMs) break;
      file.hashIfUnchanged(Date.now());
      this.#pending.delete(file);
    }
    return this.#pending.size;
  }

  /** Every difference between what was loaded and the disk, in no particular order; with `paths`, only at those paths. */
  check(paths?: Iterable<string>): readonly FileChange[] {
    const changes: FileChange[] = [];
    const report: Report = (change) => changes.push(change);
    // The time from before the first stat: a signature is never believed more than it may be.
    const nowMs = Date.now();
    for (const path of paths === undefined ? this.#watched.keys() : this.#watchedPathsFor(paths)) {
      this.#checkOne(path, nowMs, report);
    }
    return changes;
  }

  /** Counts these changes as loaded. Expects them as `check` returned them: a new directory before its entries. */
  adopt(changes: readonly FileChange[]): void {
    for (const change of changes) {
      const { path, kind, of, signature, content } = change;
      const parent = this.#watched.get(dirname(path));
      if (parent instanceof WatchedDirectory) parent.adopt(basename(path), kind === "deleted" ? undefined : of);
      if (kind === "deleted") this.addAbsent(path);
      else if (of === "directory") this.addDirectory(path, new Map());
      else if (signature !== undefined) this.add(path, signature, content?.hash);
    }
  }

  /** The watched paths at which a change of `paths` would show: themselves, or the directories that list them. */
  #watchedPathsFor(paths: Iterable<string>): ReadonlySet<string> {
    const found = new Set<string>();
    for (const path of paths) {
      if (this.#watched.has(path)) found.add(path);
      else if (this.#watched.has(dirname(path))) found.add(dirname(path));
    }
    return found;
  }

  #checkOne(path: string, nowMs: number, report: Report): void {
    const watched = this.#watched.get(path);
    if (watched === undefined) return;
    if (watched instanceof WatchedFile) {
      const change = watched.check(nowMs);
      if (change !== undefined) report(change);
    } else if (watched instanceof WatchedDirectory) {
      watched.check(nowMs, this.#unlessWatched(path, report), (created) => this.#reportCreated(created, report));
    } else if ((statEntry(path) !== undefined) === (watched === "present")) {
      return;
    } else if (watched === "present") {
      report({ path, kind: "deleted", of: "file" });
    } else {
      this.#reportTree(path, report, new Set());
    }
  }

  // An entry that is watched itself reports itself.
  #unlessWatched(directory: string, report: Report): Report {
    return (change) => {
      if (change.path === directory || !this.#watched.has(change.path)) report(change);
    };
  }

  #reportCreated(path: string, report: Report): void {
    if (!this.#watched.has(path)) this.#reportTree(path, report, new Set());
  }

  /** Reports a new file, or a new directory and then all that matters in it. */
  #reportTree(path: string, report: Report, seenInodes: Set<bigint>): void {
    const entry = statEntry(path);
    if (entry === undefined) return;
    const { signature, isDirectory } = entry;
    if (!isDirectory) {
      const content = readContent(path);
      if (content !== undefined) report({ path, kind: "created", of: "file", signature, content });
      return;
    }
    // A link to a parent directory would never end.
    if (seenInodes.has(signature.ino) || this.#isIgnored(path)) return;
    seenInodes.add(signature.ino);
    report({ path, kind: "created", of: "directory", signature });
    for (const name of listDirectory(path)?.keys() ?? []) {
      const inner = join(path, name);
      if (!this.#watched.has(inner)) this.#reportTree(inner, report, seenInodes);
    }
  }

  #forgetPending(path: string): void {
    const watched = this.#watched.get(path);
    if (watched instanceof WatchedFile) this.#pending.delete(watched);
  }
}
