import { existsSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import ignore, { type Ignore } from "ignore";

/**
 * What the `.gitignore` files say of a path: nested ones, those above the root up to the repository, and `.git/info/exclude`.
 * Each is read once, until it is asked for anew.
 */
export class GitIgnore {
  readonly #repository: string;
  readonly #patterns = new Map<string, Ignore | undefined>();

  /** `root` is absolute. */
  constructor(root: string) {
    this.#repository = findRepository(root) ?? root;
    // A project that lies in an ignored corner of another repository is no part of that one.
    if (root !== this.#repository && this.isIgnored(root, "directory")) {
      this.#repository = root;
      this.reload();
    }
  }

  /** Whether the patterns ignore this path itself. A folder above it that is ignored is for the caller to see. */
  isIgnored(path: string, kind: "file" | "directory"): boolean {
    const suffix = kind === "directory" ? "/" : "";
    // The pattern file nearest to the path that has an opinion decides, as in git.
    for (let directory = dirname(path); ; directory = dirname(directory)) {
      const verdict = this.#patternsIn(directory)?.test(toPattern(directory, path) + suffix);
      if (verdict?.ignored) return true;
      if (verdict?.unignored) return false;
      if (directory === this.#repository || directory === dirname(directory)) return false;
    }
  }

  /** Reads every pattern file anew from now on. */
  reload(): void {
    this.#patterns.clear();
  }

  /** Reads the pattern files in this folder and below it anew: it was created or replaced. */
  forget(directory: string): void {
    for (const known of [...this.#patterns.keys()]) {
      if (known === directory || isBelow(directory, known)) this.#patterns.delete(known);
    }
  }

  #patternsIn(directory: string): Ignore | undefined {
    if (this.#patterns.has(directory)) return this.#patterns.get(directory);
    const texts = [readText(join(directory, ".gitignore"))];
    if (directory === this.#repository) texts.unshift(readText(join(directory, ".git", "info", "exclude")));
    const present = texts.filter((text) => text !== undefined);
    const patterns = present.length === 0 ? undefined : ignore();
    // One text at a time: entries of a list would be taken for single patterns.
    for (const text of present) patterns?.add(text);
    this.#patterns.set(directory, patterns);
    return patterns;
  }
}

/** Whether a path lies below a folder; the folder itself does not. */
export function isBelow(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function findRepository(root: string): string | undefined {
  for (let directory = root; ; directory = dirname(directory)) {
    if (existsSync(join(directory, ".git"))) return directory;
    if (directory === dirname(directory)) return undefined;
  }
}

function toPattern(directory: string, path: string): string {
  const way = relative(directory, path);
  return sep === "/" ? way : way.replaceAll(sep, "/");
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
