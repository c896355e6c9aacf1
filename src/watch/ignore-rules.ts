import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import ignore, { type Ignore } from "ignore";

const NEVER_SOURCE = new Set(["__pycache__", "node_modules", "site-packages", "CVS", "_darcs", "htmlcov"]);
const NEVER_SOURCE_SUFFIX = /\.(?:egg|egg-info|dist-info)$/;
// These are also common names of packages: only at the root, and only when Python cannot import them as a regular package.
const ROOT_BUILD_OUTPUT = new Set(["build", "dist", "target", "_build"]);
const ENVIRONMENT_MARKERS = ["pyvenv.cfg", "conda-meta"];

/**
 * Which parts of a project need no events: what git ignores (nested `.gitignore` files, those above the root up to the
 * repository, and `.git/info/exclude`), hidden folders, caches, virtual environments and build output. It only saves
 * watches and noise: a file that Python has loaded is watched by the sweep whatever the rules say.
 */
export class IgnoreRules {
  readonly #root: string;
  readonly #repository: string;
  readonly #patterns = new Map<string, Ignore | undefined>();
  readonly #directories = new Map<string, boolean>();

  /** `root` is absolute. */
  constructor(root: string) {
    this.#root = root;
    this.#repository = findRepository(root) ?? root;
    // A project that lies in an ignored corner of another repository is no part of that one.
    if (root !== this.#repository && this.#isIgnoredByGit(root, "/")) {
      this.#repository = root;
      this.reload();
    }
  }

  /** Whether the path or a folder above it, up to the root, is ignored. Paths outside the root are not. */
  isIgnored(path: string, kind: "file" | "directory" = "file"): boolean {
    if (path === this.#root || !isBelow(this.#root, path)) return false;
    if (kind === "directory") return this.#isIgnoredDirectory(path);
    return this.#isIgnoredDirectory(dirname(path)) || this.#isIgnoredByGit(path, "");
  }

  /** Reads every `.gitignore` anew from now on. */
  reload(): void {
    this.#patterns.clear();
    this.#directories.clear();
  }

  /** Answers for this folder from the disk again: it was created or replaced. */
  forget(directory: string): void {
    // Nothing below a folder was ever asked about without the folder itself.
    if (!this.#directories.has(directory)) return;
    for (const known of [...this.#directories.keys(), ...this.#patterns.keys()]) {
      if (known === directory || isBelow(directory, known)) {
        this.#directories.delete(known);
        this.#patterns.delete(known);
      }
    }
  }

  #isIgnoredDirectory(directory: string): boolean {
    if (directory === this.#root) return false;
    let isIgnored = this.#directories.get(directory);
    if (isIgnored === undefined) {
      isIgnored =
        this.#isIgnoredDirectory(dirname(directory)) ||
        this.#isNeverSource(directory) ||
        this.#isIgnoredByGit(directory, "/");
      this.#directories.set(directory, isIgnored);
    }
    return isIgnored;
  }

  #isNeverSource(directory: string): boolean {
    const name = basename(directory);
    if (name.startsWith(".") || NEVER_SOURCE.has(name) || NEVER_SOURCE_SUFFIX.test(name)) return true;
    if (ENVIRONMENT_MARKERS.some((marker) => existsSync(join(directory, marker)))) return true;
    return (
      ROOT_BUILD_OUTPUT.has(name) && dirname(directory) === this.#root && !existsSync(join(directory, "__init__.py"))
    );
  }

  // The pattern file nearest to the path that has an opinion decides, as in git.
  #isIgnoredByGit(path: string, suffix: "" | "/"): boolean {
    for (let directory = dirname(path); ; directory = dirname(directory)) {
      const verdict = this.#patternsIn(directory)?.test(toPattern(directory, path) + suffix);
      if (verdict?.ignored) return true;
      if (verdict?.unignored) return false;
      if (directory === this.#repository || directory === dirname(directory)) return false;
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

function findRepository(root: string): string | undefined {
  for (let directory = root; ; directory = dirname(directory)) {
    if (existsSync(join(directory, ".git"))) return directory;
    if (directory === dirname(directory)) return undefined;
  }
}

function isBelow(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return way !== "" && way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
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
