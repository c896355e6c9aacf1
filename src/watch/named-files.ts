import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import ignore, { type Ignore } from "ignore";
import { contentHash, type FileSignature, isTellingSignature, sameSignature, statSignature } from "./fingerprint.ts";
import { IgnoreRules } from "./ignore-rules.ts";

interface Seen {
  readonly signature: FileSignature;
  readonly digest: string;
  /** Whether a later write must show in the signature. */
  readonly isTelling: boolean;
}

/** Patterns as in `.gitignore`, asked of absolute paths below a root. */
export class PathPatterns {
  readonly #root: string;
  readonly #patterns: Ignore;

  constructor(root: string, globs: readonly string[]) {
    this.#root = root;
    this.#patterns = ignore().add([...globs]);
  }

  /** Whether the file or a folder above it is meant. */
  matches(path: string): boolean {
    const way = relative(this.#root, path);
    return way !== "" && !way.startsWith("..") && this.#patterns.ignores(way);
  }
}

/** The files of a project that patterns name, and what is in them. */
export class NamedFiles {
  readonly #root: string;
  readonly #seen = new Map<string, Seen>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Each file that the patterns name, with the digest of its content, sorted by path. Folders that git ignores are left out. */
  list(globs: readonly string[]): readonly (readonly [path: string, digest: string])[] {
    if (globs.length === 0) return [];
    const patterns = new PathPatterns(this.#root, globs);
    const rules = new IgnoreRules(this.#root);
    const found: [string, string][] = [];
    const visit = (folder: string): void => {
      for (const entry of entriesOf(folder)) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) {
          if (!rules.isIgnored(path, "directory")) visit(path);
        } else if (patterns.matches(path)) found.push([path, this.#digestOf(path)]);
      }
    };
    visit(this.#root);
    return found.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #digestOf(path: string): string {
    const nowMs = Date.now();
    const signature = statSignature(path);
    if (signature === undefined) return "";
    const seen = this.#seen.get(path);
    if (seen?.isTelling === true && sameSignature(seen.signature, signature)) return seen.digest;
    const digest = contentHash(path) ?? "";
    this.#seen.set(path, { signature, digest, isTelling: isTellingSignature(signature, nowMs) });
    return digest;
  }
}

function entriesOf(folder: string): ReturnType<typeof readEntries> {
  try {
    return readEntries(folder);
  } catch {
    // It went away, or is closed to us: nothing in it is to be seen.
    return [];
  }
}

function readEntries(folder: string) {
  return readdirSync(folder, { withFileTypes: true });
}
