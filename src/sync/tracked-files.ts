import { execFile } from "node:child_process";
import { join } from "node:path";
import { lookAt, type Signature, sameSignature, signatureOf } from "./signature.ts";

const MAX_LIST_BYTES = 256 * 1024 ** 2;

/** What git keeps of a folder, patterns that ignore it or not: such files belong to the project. Asked again when git's index differs. */
export class TrackedFiles {
  readonly #root: string;
  #known: { readonly index: Signature; readonly paths: ReadonlySet<string> } | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /** Paths relative to the root, with all folders above them; empty where there is no git or no repository. */
  async paths(): Promise<ReadonlySet<string>> {
    const index = lookAt(join(this.#root, ".git", "index"));
    const signature = index && signatureOf(index);
    if (this.#known !== undefined && signature !== undefined && sameSignature(this.#known.index, signature)) {
      return this.#known.paths;
    }
    const paths = withFolders(await listTracked(this.#root));
    // Elsewhere (a worktree, a folder of a larger repository) git is asked each time.
    this.#known = signature && { index: signature, paths };
    return paths;
  }
}

function listTracked(root: string): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const options = { cwd: root, maxBuffer: MAX_LIST_BYTES, env: { ...process.env, GIT_OPTIONAL_LOCKS: "0" } };
    // No git, no repository, one of somebody else: nothing is known, and the patterns alone decide.
    execFile("git", ["ls-files", "-z"], options, (error, stdout) => {
      resolve(error ? [] : stdout.split("\0").filter((path) => path !== ""));
    });
  });
}

function withFolders(paths: readonly string[]): ReadonlySet<string> {
  const all = new Set(paths);
  for (const path of paths) {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      const folder = path.slice(0, end);
      if (all.has(folder)) break;
      all.add(folder);
    }
  }
  return all;
}
