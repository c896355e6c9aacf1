import { hash } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { foldersAbove } from "./check-manifest.ts";
import type { Entry } from "./manifest.ts";
import { isTelling, lookAt, type Signature, sameSignature, signatureOf } from "./signature.ts";

/** Sees what is in a copy, whoever has changed it since. What has the signature of its last look is not read again. */
export class CopyLook {
  readonly #root: string;
  readonly #known = new Map<string, { readonly signature: Signature; readonly hash: string }>();

  constructor(root: string) {
    this.#root = root;
  }

  /** What is at those of the paths at which there is something. */
  at(paths: Iterable<string>): Map<string, Entry> {
    const nowMs = Date.now();
    const found = new Map<string, Entry>();
    const folders = new Map<string, boolean>();
    for (const path of paths) {
      // Below a link that a test has made, nothing is the copy's.
      if (!foldersAbove(path).every((folder) => this.#isFolder(folder, folders))) continue;
      const entry = this.#entryAt(path, nowMs);
      if (entry !== undefined) found.set(path, entry);
    }
    return found;
  }

  /** A file was written, with this content. */
  wrote(path: string, contentHash: string): void {
    const stats = lookAt(join(this.#root, path));
    // Its time is in the future, so whatever is written to it shows.
    if (stats?.isFile()) this.#known.set(path, { signature: signatureOf(stats), hash: contentHash });
  }

  #isFolder(folder: string, known: Map<string, boolean>): boolean {
    let is = known.get(folder);
    if (is === undefined) {
      is = lookAt(join(this.#root, folder))?.isDirectory() === true;
      known.set(folder, is);
    }
    return is;
  }

  #entryAt(path: string, nowMs: number): Entry | undefined {
    const full = join(this.#root, path);
    const stats = lookAt(full);
    if (stats === undefined) return undefined;
    if (stats.isDirectory()) return { kind: "folder" };
    try {
      if (stats.isSymbolicLink()) return { kind: "link", target: readlinkSync(full) };
      // A pipe or a socket: a link to nowhere stands for it, which no tree has.
      if (!stats.isFile()) return { kind: "link", target: "" };
      const signature = signatureOf(stats);
      const isExecutable = (stats.mode & 0o100n) !== 0n;
      const known = this.#known.get(path);
      if (known !== undefined && sameSignature(known.signature, signature)) {
        return { kind: "file", hash: known.hash, sizeBytes: signature.sizeBytes, isExecutable };
      }
      const bytes = readFileSync(full);
      const contentHash = hash("sha256", bytes, "hex");
      if (isTelling(signature, nowMs)) this.#known.set(path, { signature, hash: contentHash });
      return { kind: "file", hash: contentHash, sizeBytes: bytes.length, isExecutable };
    } catch {
      return { kind: "link", target: "" };
    }
  }
}
