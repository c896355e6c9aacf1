import { createHash, hash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BlobPart } from "./packs.ts";

const PART = ".part";

/** Contents on their way into the copy: a file each, named by its hash. A name without suffix means that all of it is there. */
export class BlobStore {
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #beforeWrite: () => void;
  readonly #whole = new Set<string>();
  readonly #arriving = new Map<string, { readonly hash: ReturnType<typeof createHash>; bytes: number }>();
  #bytes = 0;

  constructor(folder: string, maxBytes: number, beforeWrite: () => void) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.#beforeWrite = beforeWrite;
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder)) {
      if (name.endsWith(PART)) unlinkSync(join(folder, name));
      else this.#whole.add(name);
    }
  }

  has(contentHash: string): boolean {
    return this.#whole.has(contentHash);
  }

  pathOf(contentHash: string): string {
    return join(this.#folder, contentHash);
  }

  /** Takes a part; returns what is wrong with it. */
  add(part: BlobPart): string | undefined {
    if (this.#whole.has(part.hash)) return undefined;
    const arriving = this.#arriving.get(part.hash) ?? { hash: createHash("sha256"), bytes: 0 };
    if (part.offset !== arriving.bytes) return "a part of a file is missing";
    arriving.bytes += part.bytes.length;
    this.#bytes += part.bytes.length;
    if (arriving.bytes > part.sizeBytes) return "a file is larger than it says";
    if (this.#bytes > this.#maxBytes) return `more than ${this.#maxBytes} bytes were sent`;
    arriving.hash.update(part.bytes);
    this.#arriving.set(part.hash, arriving);
    const path = this.pathOf(part.hash) + PART;
    this.#beforeWrite();
    // What was left of it by an attempt that failed is overwritten.
    writeFileSync(path, part.bytes, { flag: part.offset === 0 ? "w" : "a" });
    if (arriving.bytes < part.sizeBytes) return undefined;
    if (arriving.hash.digest("hex") !== part.hash) return "a file is not what its hash says";
    this.#arriving.delete(part.hash);
    this.#finish(path, part.hash);
    return undefined;
  }

  /** Takes a content that the copy has already, at this path; false where it is another one by now. */
  copyFrom(path: string, contentHash: string): boolean {
    const bytes = readFileSync(path);
    if (hash("sha256", bytes, "hex") !== contentHash) return false;
    return this.add({ hash: contentHash, sizeBytes: bytes.length, offset: 0, bytes }) === undefined;
  }

  /** A content was moved to where it belongs. */
  forget(contentHash: string): void {
    this.#whole.delete(contentHash);
  }

  /** Nothing of it counts any more. */
  forgetAll(): void {
    this.#whole.clear();
    this.#arriving.clear();
    this.#bytes = 0;
  }

  /** Nothing of it is needed any more. */
  clear(): void {
    if (this.#whole.size === 0 && this.#arriving.size === 0 && this.#bytes === 0) return;
    this.forgetAll();
    for (const name of readdirSync(this.#folder)) {
      this.#beforeWrite();
      rmSync(join(this.#folder, name), { force: true });
    }
  }

  #finish(part: string, contentHash: string): void {
    this.#beforeWrite();
    renameSync(part, this.pathOf(contentHash));
    this.#whole.add(contentHash);
  }
}
