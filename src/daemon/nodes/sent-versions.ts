import { relative } from "node:path";
import type { Tree } from "../../sync/tree-reader.ts";

/** An undone edit brings back an old content with a new version; older ones are not asked for. */
const MOST_VERSIONS = 20;

/** Which content each version of a file of the working tree had when it was sent to nodes. */
export class SentVersions {
  readonly #root: string;
  /** Hashes by version, by path. */
  readonly #known = new Map<string, Map<string, string>>();

  constructor(root: string) {
    this.#root = root;
  }

  /** A tree was sent whose versions tell its contents. */
  learn(tree: Tree): void {
    for (const path of tree.signatures.keys()) {
      const [version, content] = [versionIn(tree, path), hashIn(tree, path)];
      if (version === undefined || content === undefined) continue;
      const versions = this.#known.get(path) ?? new Map<string, string>();
      this.#known.set(path, versions.set(version, content));
      const [oldest] = versions.keys();
      if (versions.size > MOST_VERSIONS && oldest !== undefined) versions.delete(oldest);
    }
  }

  /** The version of a file here, by its absolute path, as it was when this tree was read; undefined for what is no file of it. */
  of(tree: Tree, path: string): string | undefined {
    return versionIn(tree, relative(this.#root, path));
  }

  /** Whether a tree has this file with the content of a version; undefined for what is no file of it. */
  isSame(tree: Tree, path: string, version: string): boolean | undefined {
    const below = relative(this.#root, path);
    const sent = versionIn(tree, below);
    if (sent === undefined || sent === version) return sent === undefined ? undefined : true;
    const content = this.#known.get(below)?.get(version);
    return content !== undefined && content === hashIn(tree, below);
  }
}

/** As the Python side says it. */
function versionIn({ signatures }: Tree, path: string): string | undefined {
  const signature = signatures.get(path);
  return signature && `${signature.mtimeNs} ${signature.sizeBytes} ${signature.ino} ${signature.ctimeNs}`;
}

function hashIn({ manifest }: Tree, path: string): string | undefined {
  const entry = manifest.get(path);
  return entry?.kind === "file" ? entry.hash : undefined;
}
