import type { FileChange } from "./file-change.ts";
import {
  type FileContent,
  type FileSignature,
  isTellingSignature,
  readContent,
  sameSignature,
  statSignature,
} from "./fingerprint.ts";

// The Python side looked at the file before it told us, at most a slow import ago. What was written shortly before that
// may have been written again within the same tick, so its signature is not believed until the content was compared.
const LONGEST_LOAD_MS = 600_000;

type Look = { readonly signature: FileSignature; readonly content: FileContent; readonly isTelling: boolean };

/** A file that the Python side has loaded, with the version that it loaded and the last other version that was seen. */
export class WatchedFile {
  readonly path: string;
  #signature: FileSignature;
  #hash: string | undefined;
  #isTelling: boolean;
  #other: Look | undefined;

  /** Without `hash` the content is taken to be what lies there while the signature holds, and is hashed in idle time. */
  constructor(path: string, signature: FileSignature, hash: string | undefined, nowMs: number) {
    this.path = path;
    this.#signature = signature;
    this.#hash = hash;
    this.#isTelling = isTellingSignature(signature, nowMs - LONGEST_LOAD_MS);
  }

  /** The hash of the loaded version, or undefined while nobody has computed it. */
  get hash(): string | undefined {
    return this.#hash;
  }

  /** Whether this is the version that counts as loaded. */
  isLoadedAs(signature: FileSignature): boolean {
    return sameSignature(signature, this.#signature);
  }

  /** Whether a look in idle time would make later checks quicker or surer. */
  get isPending(): boolean {
    return this.#hash === undefined || !this.#isTelling;
  }

  /** The difference between the loaded version and the disk at `nowMs` (milliseconds since 1970), if there is one. */
  check(nowMs: number): FileChange | undefined {
    const signature = statSignature(this.path);
    if (signature === undefined) return this.#deleted();
    const isLoadedVersion = sameSignature(signature, this.#signature);
    if (isLoadedVersion && (this.#isTelling || this.#hash === undefined)) {
      this.#other = undefined;
      return undefined;
    }
    if (this.#other?.isTelling && sameSignature(signature, this.#other.signature)) return this.#modified(this.#other);

    const content = readContent(this.path);
    if (content === undefined) return this.#deleted();
    const look = { signature, content, isTelling: isTellingSignature(signature, nowMs) };
    if (content.hash !== this.#hash) return this.#modified(look);
    this.#know(look);
    return undefined;
  }

  /** Reads the file if it still has the loaded version's signature. */
  hashIfUnchanged(nowMs: number): void {
    const before = statSignature(this.path);
    if (before === undefined || !sameSignature(before, this.#signature)) return;
    const content = readContent(this.path);
    const after = statSignature(this.path);
    if (content === undefined || after === undefined || !sameSignature(before, after)) return;
    if (this.#hash !== undefined && this.#hash !== content.hash) return;
    this.#know({ signature: before, content, isTelling: isTellingSignature(before, nowMs) });
  }

  #know(look: Look): void {
    this.#signature = look.signature;
    this.#hash = look.content.hash;
    this.#isTelling = look.isTelling;
    this.#other = undefined;
  }

  #modified(look: Look): FileChange {
    this.#other = look;
    return { path: this.path, kind: "modified", of: "file", signature: look.signature, content: look.content };
  }

  #deleted(): FileChange {
    this.#other = undefined;
    return { path: this.path, kind: "deleted", of: "file" };
  }
}
