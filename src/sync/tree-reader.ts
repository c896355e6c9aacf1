import { hash } from "node:crypto";
import { type Dirent, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { GitIgnore } from "../base/git-ignore.ts";
import { failed, ok, type Result } from "../base/result.ts";
import { type Problem, problem } from "../protocol/errors.ts";
import { TREE_LIMITS, type TreeLimits } from "./check-manifest.ts";
import { portableTarget } from "./link-target.ts";
import { type Entry, type Manifest, manifestId } from "./manifest.ts";
import { isTelling, lookAt, type Signature, sameSignature, signatureOf } from "./signature.ts";
import { TrackedFiles } from "./tracked-files.ts";

/** A tree as it was when it was read. */
export interface Tree {
  readonly id: string;
  readonly manifest: Manifest;
  /** What is not part of it although git does not ignore it, with the reason. */
  readonly leftOut: readonly LeftOut[];
  /** A content of the manifest by its hash; undefined where no file has it any more, since the tree was edited. */
  readonly contentOf: (hash: string) => Uint8Array | undefined;
  /** The signature of each file, as it was when the tree was listed. */
  readonly signatures: ReadonlyMap<string, Signature>;
  /** Files that were so young that a later version could have the same signature. */
  readonly young: readonly string[];
}

interface Content {
  readonly hash: string;
  readonly sizeBytes: number;
}

interface Known {
  readonly signature: Signature;
  readonly content: Content;
}

interface LeftOut {
  readonly path: string;
  readonly reason: string;
}

/** Made by tools, for this machine alone. */
const NEVER_SENT = new Set([
  ".git",
  ".hg",
  ".svn",
  "__pycache__",
  "node_modules",
  ".tox",
  ".nox",
  ".mypy_cache",
  ".pytest_cache",
  ".ruff_cache",
  ".ipynb_checkpoints",
  ".DS_Store",
]);

/** Files that make a folder an environment: its programs name paths of this machine. */
const ENVIRONMENT_MARKERS = ["pyvenv.cfg", "conda-meta"];

/** The daemon goes on with other things after so many paths. */
const PATHS_AT_ONCE = 2_000;
const LARGEST_NAMED = 5;
const MIB = 1024 ** 2;

/**
 * Reads a working tree as it is: what git tracks, and what it does not ignore. A file is read again only when its signature differs, so
 * the second look at 2,000 files is a matter of milliseconds.
 */
export class TreeReader {
  readonly #root: string;
  readonly #limits: TreeLimits;
  readonly #tracked: TrackedFiles;
  #known: ReadonlyMap<string, Known> = new Map();

  /** `root` is absolute, and no link. */
  constructor(root: string, limits: TreeLimits = TREE_LIMITS) {
    this.#root = root;
    this.#limits = limits;
    this.#tracked = new TrackedFiles(root);
  }

  /** The tree now; a problem where it is too large to send. */
  async read(): Promise<Result<Tree, Problem>> {
    const walk = new Walk(this.#root, await this.#tracked.paths());
    for (let paths = PATHS_AT_ONCE; walk.go(paths); ) await setImmediate();
    const large = this.#whyTooLarge(walk);
    if (large !== undefined) return failed(large);
    const manifest = new Map<string, Entry>(walk.others);
    const known = new Map<string, Known>();
    const pathOf = new Map<string, string>();
    const signatures = new Map<string, Signature>();
    const young: string[] = [];
    let read = 0;
    for (const [path, { signature, isExecutable }] of walk.files) {
      const old = this.#known.get(path);
      const isKnown = old !== undefined && sameSignature(old.signature, signature);
      const content = isKnown ? old.content : this.#contentAt(path);
      if (content === undefined) {
        walk.leftOut.push({ path, reason: "it cannot be read" });
        continue;
      }
      if (!isKnown) {
        read += 1;
        if (read % PATHS_AT_ONCE === 0) await setImmediate();
      }
      if (isKnown || isTelling(signature, walk.startedAtMs)) known.set(path, { signature, content });
      else young.push(path);
      signatures.set(path, signature);
      pathOf.set(content.hash, path);
      manifest.set(path, { kind: "file", ...content, isExecutable });
    }
    this.#known = known;
    const contentOf = (wanted: string) => this.#bytesOf(wanted, pathOf.get(wanted));
    return ok({ id: manifestId(manifest), manifest, leftOut: walk.leftOut, contentOf, signatures, young });
  }

  /** Whether the files of a tree that were young when it was read are the same by now: then their signatures tell them from all later versions. */
  hasSettled({ manifest, signatures, young }: Tree): boolean {
    return young.every((path) => {
      const [entry, signature] = [manifest.get(path), signatures.get(path)];
      const stats = lookAt(join(this.#root, path));
      if (entry?.kind !== "file" || signature === undefined || stats === undefined) return false;
      return sameSignature(signatureOf(stats), signature) && this.#contentAt(path)?.hash === entry.hash;
    });
  }

  #contentAt(path: string): Content | undefined {
    const bytes = readBytes(join(this.#root, path));
    return bytes && { hash: hash("sha256", bytes, "hex"), sizeBytes: bytes.length };
  }

  #bytesOf(wanted: string, path: string | undefined): Uint8Array | undefined {
    const bytes = path === undefined ? undefined : readBytes(join(this.#root, path));
    return bytes !== undefined && hash("sha256", bytes, "hex") === wanted ? bytes : undefined;
  }

  #whyTooLarge({ files, others }: Walk): Problem | undefined {
    const count = files.size + others.size;
    const next = "Add what tests do not need to .gitignore";
    if (count > this.#limits.files) {
      return problem(
        "tree-too-large",
        `The working tree has ${count} paths to send, more than ${this.#limits.files}.`,
        next,
      );
    }
    const bySize = [...files].map(([path, { signature }]) => ({ path, bytes: signature.sizeBytes }));
    const totalBytes = bySize.reduce((sum, { bytes }) => sum + bytes, 0);
    const largest = bySize.toSorted((a, b) => b.bytes - a.bytes).slice(0, LARGEST_NAMED);
    const names = largest.map(({ path, bytes }) => `${path} (${inMib(bytes)})`).join(", ");
    if ((largest[0]?.bytes ?? 0) > this.#limits.fileBytes) {
      const most = inMib(this.#limits.fileBytes);
      return problem("tree-too-large", `A file to send is larger than ${most}. The largest: ${names}.`, next);
    }
    if (totalBytes <= this.#limits.totalBytes) return undefined;
    const most = inMib(this.#limits.totalBytes);
    const sentence = `The files to send come to ${inMib(totalBytes)}, more than ${most}. The largest: ${names}.`;
    return problem("tree-too-large", sentence, next);
  }
}

/** Lists a tree, some paths at a time. */
class Walk {
  readonly files = new Map<string, { readonly signature: Signature; readonly isExecutable: boolean }>();
  readonly others = new Map<string, Entry>();
  readonly leftOut: LeftOut[] = [];
  readonly startedAtMs = Date.now();
  readonly #root: string;
  readonly #tracked: ReadonlySet<string>;
  readonly #git: GitIgnore;
  /** Folders to look into, with whether git ignores all of it but what it tracks. */
  readonly #ahead: { readonly path: string; readonly isIgnored: boolean }[] = [{ path: "", isIgnored: false }];

  constructor(root: string, tracked: ReadonlySet<string>) {
    this.#root = root;
    this.#tracked = tracked;
    this.#git = new GitIgnore(root);
  }

  /** Looks at about so many paths; returns whether there are more. */
  go(paths: number): boolean {
    for (let left = paths; left > 0; ) {
      const folder = this.#ahead.pop();
      if (folder === undefined) return false;
      left -= this.#list(folder.path, folder.isIgnored) + 1;
    }
    return true;
  }

  /** Returns how many entries the folder has. */
  #list(folder: string, isIgnored: boolean): number {
    const found = readEntries(join(this.#root, folder));
    if (found === undefined) this.leftOut.push({ path: folder, reason: "it cannot be read" });
    if (found === undefined || found.some(({ name }) => ENVIRONMENT_MARKERS.includes(name))) return 0;
    let taken = 0;
    for (const entry of found) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (NEVER_SENT.has(entry.name) && !this.#tracked.has(path)) continue;
      const kind = entry.isDirectory() ? "directory" : "file";
      const ignored = isIgnored || this.#git.isIgnored(join(this.#root, path), kind);
      if (ignored && !this.#tracked.has(path)) continue;
      taken += 1;
      if (kind === "directory") this.#ahead.push({ path, isIgnored: ignored });
      else this.#take(path, entry);
    }
    if (taken === 0 && folder !== "" && !isIgnored) this.others.set(folder, { kind: "folder" });
    return found.length;
  }

  #take(path: string, entry: Dirent): void {
    if (path.includes("\ufffd")) {
      this.leftOut.push({ path, reason: "its name is not UTF-8" });
    } else if (entry.isSymbolicLink()) {
      this.#takeLink(path);
    } else if (entry.isFile()) {
      const stats = lookAt(join(this.#root, path));
      // It has gone since it was listed, or is another thing now: the next look tells.
      if (stats?.isFile())
        this.files.set(path, { signature: signatureOf(stats), isExecutable: (stats.mode & 0o100n) !== 0n });
    } else {
      this.leftOut.push({ path, reason: "it is neither file, folder nor link" });
    }
  }

  #takeLink(path: string): void {
    try {
      const target = portableTarget(this.#root, path, readlinkSync(join(this.#root, path)));
      if (target === undefined) this.leftOut.push({ path, reason: "the link leads out of the tree" });
      else this.others.set(path, { kind: "link", target });
    } catch {
      // As with files.
    }
  }
}

function readEntries(folder: string): readonly Dirent[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return undefined;
  }
}

function readBytes(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

function inMib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}
