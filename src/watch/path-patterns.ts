import { relative } from "node:path";
import ignore, { type Ignore } from "ignore";

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
