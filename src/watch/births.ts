import { statSync } from "node:fs";
import { join } from "node:path";
import { listDirectory } from "./directory-listing.ts";
import { type FileSignature, isTellingSignature, sameSignature, statSignature } from "./fingerprint.ts";

/** A file or folder that appeared where there was none; `atMs` is the wall clock's time (epoch). */
export interface Birth {
  readonly path: string;
  readonly atMs: number;
}

const NS_PER_MS = 1e6;

interface Look {
  readonly signature: FileSignature | undefined;
  /** Whether whatever appears later must show in the signature. */
  readonly isTelling: boolean;
  readonly names: ReadonlySet<string>;
}

/** Notices what appears in folders from which a project is loaded: a new file can be found by an import that went elsewhere before. */
export class Births {
  readonly #known = new Map<string, Look>();
  readonly #births: Birth[] = [];

  /** Watches a folder for what appears after `sinceMs`: entries that are newer than that are births at once. */
  watch(directory: string, sinceMs: number): void {
    if (this.#known.has(directory)) return;
    const seen = look(directory);
    this.#known.set(directory, seen);
    for (const name of seen.names) {
      const path = join(directory, name);
      const atMs = appearedMs(path);
      if (atMs !== undefined && atMs > sinceMs) this.#births.push({ path, atMs });
    }
  }

  /** Lists the folders that have changed, and returns all births so far. */
  check(): readonly Birth[] {
    for (const [directory, known] of this.#known) {
      if (known.isTelling && isSame(known.signature, statSignature(directory))) continue;
      const seen = look(directory);
      for (const name of seen.names) {
        if (!known.names.has(name)) this.#births.push({ path: join(directory, name), atMs: Date.now() });
      }
      this.#known.set(directory, seen);
    }
    return this.#births;
  }
}

// The signature first: what appears between the two is found by the next look.
function look(directory: string): Look {
  const lookedAtMs = Date.now();
  const signature = statSignature(directory);
  const isTelling = signature === undefined || isTellingSignature(signature, lookedAtMs);
  return { signature, isTelling, names: new Set(listDirectory(directory)?.keys()) };
}

function isSame(then: FileSignature | undefined, now: FileSignature | undefined): boolean {
  return then === undefined || now === undefined ? then === now : sameSignature(then, now);
}

/**
 * When an entry came to its name at the latest, or undefined where it has gone. A rename sets the time of the inode alone, which
 * programs cannot turn back; where the content was changed at the same time, as that of a folder in which Python leaves its
 * bytecode, the entry is as old as it was made.
 */
function appearedMs(path: string): number | undefined {
  try {
    const { birthtimeNs, ctimeNs, mtimeNs } = statSync(path, { bigint: true });
    const isContentChange = ctimeNs === mtimeNs && birthtimeNs > 0n;
    return Number(isContentChange ? birthtimeNs : ctimeNs) / NS_PER_MS;
  } catch {
    return undefined;
  }
}
