import { statSync } from "node:fs";
import { join } from "node:path";
import { listDirectory } from "./directory-listing.ts";
import { statSignature } from "./fingerprint.ts";

/** A file or folder that appeared where there was none; `atMs` is the wall clock's time (epoch). */
export interface Birth {
  readonly path: string;
  readonly atMs: number;
}

interface Known {
  mtimeNs: bigint | undefined;
  names: ReadonlySet<string>;
}

/** Notices what appears in folders from which a project is loaded: a new file can be found by an import that went elsewhere before. */
export class Births {
  readonly #known = new Map<string, Known>();
  readonly #births: Birth[] = [];

  /** Watches a folder for what appears after `sinceMs`: entries that are newer than that are births at once. */
  watch(directory: string, sinceMs: number): void {
    if (this.#known.has(directory)) return;
    const names = namesIn(directory);
    this.#known.set(directory, { mtimeNs: statSignature(directory)?.mtimeNs, names });
    for (const name of names) {
      const path = join(directory, name);
      const bornMs = changeTimeMs(path);
      if (bornMs !== undefined && bornMs > sinceMs) this.#births.push({ path, atMs: bornMs });
    }
  }

  /** Lists the folders that have changed, and returns all births so far. */
  check(): readonly Birth[] {
    for (const [directory, known] of this.#known) {
      const mtimeNs = statSignature(directory)?.mtimeNs;
      if (mtimeNs === known.mtimeNs) continue;
      const names = namesIn(directory);
      for (const name of names) {
        if (!known.names.has(name)) this.#births.push({ path: join(directory, name), atMs: Date.now() });
      }
      known.mtimeNs = mtimeNs;
      known.names = names;
    }
    return this.#births;
  }
}

function namesIn(directory: string): ReadonlySet<string> {
  return new Set(listDirectory(directory)?.keys());
}

// The time of the last change of the inode: a rename sets it too, and programs cannot turn it back.
function changeTimeMs(path: string): number | undefined {
  try {
    return statSync(path).ctimeMs;
  } catch {
    return undefined;
  }
}
