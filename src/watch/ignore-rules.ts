import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { GitIgnore, isBelow } from "../base/git-ignore.ts";

const NEVER_SOURCE = new Set(["__pycache__", "node_modules", "site-packages", "CVS", "_darcs", "htmlcov"]);
const NEVER_SOURCE_SUFFIX = /\.(?:egg|egg-info|dist-info)$/;
// These are also common names of packages: only at the root, and only when Python cannot import them as a regular package.
const ROOT_BUILD_OUTPUT = new Set(["build", "dist", "target", "_build"]);
const ENVIRONMENT_MARKERS = ["pyvenv.cfg", "conda-meta"];

/**
 * Which parts of a project need no events: what git ignores (`src/base/git-ignore.ts`), hidden folders, caches, virtual environments
 * and build output. It only saves watches and noise: a file that Python has loaded is watched by the sweep whatever the rules say.
 */
export class IgnoreRules {
  readonly #root: string;
  readonly #git: GitIgnore;
  readonly #directories = new Map<string, boolean>();

  /** `root` is absolute. */
  constructor(root: string) {
    this.#root = root;
    this.#git = new GitIgnore(root);
  }

  /** Whether the path or a folder above it, up to the root, is ignored. Paths outside the root are not. */
  isIgnored(path: string, kind: "file" | "directory" = "file"): boolean {
    if (path === this.#root || !isBelow(this.#root, path)) return false;
    if (kind === "directory") return this.#isIgnoredDirectory(path);
    return this.#isIgnoredDirectory(dirname(path)) || this.#git.isIgnored(path, "file");
  }

  /** Reads every `.gitignore` anew from now on. */
  reload(): void {
    this.#git.reload();
    this.#directories.clear();
  }

  /** Answers for this folder from the disk again: it was created or replaced. */
  forget(directory: string): void {
    // Nothing below a folder was ever asked about without the folder itself.
    if (!this.#directories.has(directory)) return;
    for (const known of [...this.#directories.keys()]) {
      if (known === directory || isBelow(directory, known)) this.#directories.delete(known);
    }
    this.#git.forget(directory);
  }

  #isIgnoredDirectory(directory: string): boolean {
    if (directory === this.#root) return false;
    let isIgnored = this.#directories.get(directory);
    if (isIgnored === undefined) {
      isIgnored =
        this.#isIgnoredDirectory(dirname(directory)) ||
        this.#isNeverSource(directory) ||
        this.#git.isIgnored(directory, "directory");
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
}
