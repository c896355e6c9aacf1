import { join } from "node:path";
import { type Listing, type ListingReader, listDirectory } from "./directory-listing.ts";
import type { Report } from "./file-change.ts";
import { type FileSignature, isTellingSignature, sameSignature, statSignature } from "./fingerprint.ts";

type Look = { readonly signature: FileSignature; readonly listing: Listing; readonly isTelling: boolean };

/** A directory that the Python side has listed or searched, with the entries that it can have seen. */
export class WatchedDirectory {
  readonly path: string;
  readonly #forWhom: ListingReader;
  readonly #known: Map<string, "file" | "directory">;
  #last: Look | undefined;

  constructor(path: string, known: Listing, forWhom: ListingReader) {
    this.path = path;
    this.#forWhom = forWhom;
    this.#known = new Map(known);
  }

  /**
   * Reports entries that are gone, and hands the new ones to `created`. The directory is only listed again when its
   * signature moved: adding, removing or renaming an entry always moves it.
   */
  check(nowMs: number, report: Report, created: (path: string) => void): void {
    const listing = this.#look(nowMs);
    if (listing === undefined) {
      report({ path: this.path, kind: "deleted", of: "directory" });
      return;
    }
    for (const [name, of] of this.#known) {
      if (listing.get(name) !== of) report({ path: join(this.path, name), kind: "deleted", of });
    }
    for (const [name, kind] of listing) {
      if (this.#known.get(name) !== kind) created(join(this.path, name));
    }
  }

  /** The kind of the entry that the Python side can have seen; undefined when there was none. */
  kindOf(name: string): "file" | "directory" | undefined {
    return this.#known.get(name);
  }

  /** Counts the entry as known from now on: of that kind, or as gone when `kind` is undefined. */
  adopt(name: string, kind: "file" | "directory" | undefined): void {
    if (kind === undefined) this.#known.delete(name);
    else this.#known.set(name, kind);
  }

  #look(nowMs: number): Listing | undefined {
    const signature = statSignature(this.path);
    const last = this.#last;
    if (signature !== undefined && last?.isTelling && sameSignature(signature, last.signature)) return last.listing;
    const listing = signature && listDirectory(this.path, this.#forWhom);
    this.#last = signature && listing && { signature, listing, isTelling: isTellingSignature(signature, nowMs) };
    return listing;
  }
}
