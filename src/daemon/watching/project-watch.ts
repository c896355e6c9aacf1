import { dirname } from "node:path";
import type { Segment } from "../../graph/segment.ts";
import type { FileChange } from "../../watch/file-change.ts";
import { signatureFromWire, statEntry } from "../../watch/fingerprint.ts";
import { gitLock } from "../../watch/git-lock.ts";
import { IgnoreRules } from "../../watch/ignore-rules.ts";
import { PathPatterns } from "../../watch/path-patterns.ts";
import { type Edit, Settler } from "../../watch/settle.ts";
import { Sweep } from "../../watch/sweep.ts";
import { type TreeWatch, watchTree } from "../../watch/tree-watcher.ts";
import type { WatchDiagnostic } from "../../watch/watch-events.ts";

/** Time for hashing what was loaded, in each idle slice. */
const HASH_SLICE_MS = 8;

/** Patterns of the configuration. */
export interface Globs {
  readonly watchGlobs: readonly string[];
  readonly ignoreGlobs: readonly string[];
}

function isSource(path: string): boolean {
  return /\.(?:py|toml|ini|cfg)$/.test(path);
}

/** Watches one project on behalf of a watch-mode client, and tells each edit as soon as its files are whole. */
export class ProjectWatch implements AsyncDisposable {
  readonly #sweep: Sweep;
  readonly #settler: Settler;
  readonly #tree: Promise<TreeWatch>;
  /** Files and folders that tests use by themselves. */
  readonly #forTestsAlone = new Set<string>();
  readonly #loaded = new Set<string>();
  /** Files that the configuration names, whatever loads them, and where others like them may appear. */
  #named = new PathPatterns("/", []);
  #ignored = new PathPatterns("/", []);
  /** Counts the edits that were told. */
  #edits = 0;

  constructor(
    root: string,
    onEdit: (edit: Edit) => void,
    onUnchanged: () => void,
    onFailure: (diagnostic: WatchDiagnostic) => void,
  ) {
    const rules = new IgnoreRules(root);
    this.#sweep = new Sweep((path) => rules.isIgnored(path));
    const count = (edit: Edit) => {
      this.#edits += 1;
      onEdit(edit);
    };
    this.#settler = new Settler(this.#sweep, count, { isBusy: gitLock(root) });
    this.#tree = watchTree(root, rules, { onHint: (paths) => this.#hint(paths, onUnchanged), onFailure });
  }

  /** Takes what is configured: these files are looked at, and those like them; changes of ignored ones are no edits. */
  configure(root: string, files: Iterable<string>, { watchGlobs, ignoreGlobs }: Globs): void {
    this.#named = new PathPatterns(root, watchGlobs);
    this.#ignored = new PathPatterns(root, ignoreGlobs);
    for (const path of files) this.#lookAt(path);
  }

  /** Changes that concern anybody. */
  withoutIgnored(changes: readonly FileChange[]): readonly FileChange[] {
    return changes.filter(({ path }) => !this.#ignored.matches(path));
  }

  /** From now on an edit is what differs from what these segments have loaded, and from what tests use by themselves. */
  async follow(segments: readonly Segment[], usedByTests: Iterable<string>): Promise<void> {
    const tree = await this.#tree;
    this.#forTestsAlone.clear();
    this.#loaded.clear();
    const listed = new Set<string>();
    for (const path of usedByTests) {
      this.#forTestsAlone.add(path);
      const entry = this.#lookAt(path);
      if (entry?.isDirectory === true) listed.add(path);
      tree.addDirectory(entry?.isDirectory === true ? path : dirname(path));
    }
    for (const path of segments.flatMap((segment) => [...segment.listings].map((each) => each.path))) {
      if (this.#lookAt(path)?.isDirectory !== true) continue;
      listed.add(path);
      tree.addDirectory(path);
    }
    // What was found there does not matter: its own start and tests may have made it.
    for (const path of segments.flatMap((segment) => [...segment.presences.keys()])) {
      this.#sweep.addPresence(path);
      tree.addDirectory(dirname(path));
    }
    for (const segment of segments) {
      for (const file of segment.files) {
        this.#loaded.add(file.path);
        if (file.size === -1) this.#sweep.addAbsent(file.path);
        else this.#sweep.add(file.path, signatureFromWire(file));
      }
      // Its own tests and its own start may have written to a database: what is there now has been run.
      for (const path of segment.databases.keys()) for (const each of [path, `${path}-wal`]) this.#lookAt(each);
      for (const directory of segment.directories) {
        this.#forTestsAlone.delete(directory);
        if (!listed.has(directory)) this.#sweep.addDirectory(directory);
        tree.addDirectory(directory);
      }
    }
    this.#hash();
    this.#settler.hint([]);
  }

  /**
   * Whether a run under way need not end for these: nothing that it has loaded is gone or has other source. A file that was made
   * or lost beside, and data, are mostly the doing of its tests.
   */
  mayWait(changes: readonly FileChange[]): boolean {
    return changes.every(({ path, kind, of }) => {
      if (!this.#loaded.has(path))
        return kind !== "modified" || this.#forTestsAlone.has(path) || !isSource(path) || of === "directory";
      return kind === "created" || (kind === "modified" && !isSource(path));
    });
  }

  /** How many paths are looked at. */
  get size(): number {
    return this.#sweep.size;
  }

  /** Test files that a run has executed by itself are followed too. Their names are those in node ids. */
  followTests(names: ReadonlySet<string>): void {
    this.#settler.keep((path) => {
      // Relative to a root that only pytest knows: some end of the path.
      for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) {
        if (names.has(path.slice(at + 1))) return true;
      }
      return false;
    });
  }

  /** What changed up to now is about to be run: it is not told again. */
  take(): Edit {
    return this.#settler.take();
  }

  /** The same where the edit that is about to be run was not told just now: a look at every file takes its time. */
  takeUnlessToldNow(): void {
    if (!this.#settler.hasJustTold) this.#settler.take();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#settler[Symbol.dispose]();
    await (await this.#tree).close();
  }

  /** A save of a loaded file that leaves it as it was loaded is no edit, and whoever saved it is told so. */
  #hint(paths: readonly string[], onUnchanged: () => void): void {
    const edits = this.#edits;
    for (const path of paths) if (!this.#sweep.has(path) && this.#named.matches(path)) this.#sweep.addAbsent(path);
    this.#settler.hint(paths);
    const isLoaded = paths.some((path) => this.#loaded.has(path));
    if (isLoaded && this.#edits === edits && this.#sweep.check(paths).length === 0) onUnchanged();
  }

  /** Watches a path in the version that is there now. */
  #lookAt(path: string): ReturnType<typeof statEntry> {
    const entry = statEntry(path);
    if (entry === undefined) this.#sweep.addAbsent(path);
    else if (entry.isDirectory) this.#sweep.addDirectory(path, undefined, "anybody");
    else this.#sweep.add(path, entry.signature);
    return entry;
  }

  #hash(): void {
    if (this.#sweep.hashPending(HASH_SLICE_MS) > 0) setImmediate(() => this.#hash());
  }
}
