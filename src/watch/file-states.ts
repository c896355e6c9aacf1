import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { databaseContent, databaseVersion } from "./database-content.ts";
import { contentHash, isTellingSignature, statEntry, statSignature } from "./fingerprint.ts";
import { systemPath } from "./system-path.ts";

interface Used {
  readonly path: string;
  readonly mtimeNs: string;
  readonly size: number;
  readonly ino: string;
  readonly ctimeNs: string;
  readonly hash?: string;
}

/** What the program itself has written; of a database `log` is the version of what is not in its file yet. */
interface Left extends Used {
  readonly log: string | null;
}

const NOTHING = "nothing";
/** Of larger files (databases, data sets) the signature alone decides: to read them would keep everybody waiting. */
const MOST_HASHED_BYTES = 64 * 2 ** 20;
const DOT = 0x2e;
const BYTECODE_FOLDER = Buffer.from("__pycache__");

/**
 * The truth about files: compares what Python processes used with what is on disk now.
 *
 * Between two calls of `refresh` every file is looked at once at most, so that many processes can ask about the same one.
 */
export class FileStates {
  /** Content by path and signature: known for versions that were still on disk when there was time to read them. */
  readonly #hashes = new Map<string, string>();
  readonly #signatures = new Map<string, string>();
  readonly #digests = new Map<string, string>();
  readonly #presences = new Map<string, "nothing" | "file" | "folder">();
  /** By path and version: what is in a database, and what was found of it since the last `refresh`. */
  readonly #contents = new Map<string, string>();
  readonly #databases = new Map<string, string>();
  readonly #pending: Used[] = [];
  #isReading = false;

  /** From now on files are looked at anew. */
  refresh(): void {
    this.#signatures.clear();
    this.#digests.clear();
    this.#presences.clear();
    this.#databases.clear();
  }

  /** Whether the file still has the content that was used. A new signature with the known content counts as the same. */
  isSame(used: Used): boolean {
    const now = this.#signature(used.path);
    const then = used.size === -1 ? NOTHING : versionOf(used);
    // Written twice within one tick of the clock, a file keeps its signature.
    if (now === then) return used.hash === undefined || used.hash === this.#hash(used.path, now);
    if (now === NOTHING || then === NOTHING) return false;
    const known = this.#hashes.get(`${used.path}\0${then}`);
    return known !== undefined && known === this.#hash(used.path, now);
  }

  /** Whether a file is as the program itself has left it. */
  isAsLeft(left: Left): boolean {
    if (left.log === null) return this.isSame(left);
    const then = versionLeft(left);
    const known = this.#contents.get(`${left.path}\0${then}`);
    return then === databaseVersion(left.path) || (known !== undefined && known === this.databaseContent(left.path));
  }

  /** Remembers what is in a database, when there is time, as long as it is as it was left. */
  rememberLeft(left: Left): void {
    if (left.log === null) this.remember([left]);
    else if (versionLeft(left) === databaseVersion(left.path)) {
      this.#databases.delete(left.path);
      this.databaseContent(left.path);
    }
  }

  /** What is in a SQLite database now, as `agent/prewarm/_sqlite_files.py` says it. */
  databaseContent(path: string): string {
    const looked = this.#databases.get(path);
    if (looked !== undefined) return looked;
    const takenAtMs = Date.now();
    const version = databaseVersion(path);
    const known = this.#contents.get(`${path}\0${version}`);
    const content = known ?? databaseContent(path);
    this.#databases.set(path, content);
    const signature = statSignature(path);
    const isFinal = signature !== undefined && isTellingSignature(signature, takenAtMs);
    if (isFinal && known === undefined && databaseVersion(path) === version)
      this.#contents.set(`${path}\0${version}`, content);
    return content;
  }

  /** What is there now in place of a file that is not the same any more. */
  kindOfChange(used: Used): "created" | "modified" | "deleted" {
    if (this.#signature(used.path) === NOTHING) return "deleted";
    return used.size === -1 ? "created" : "modified";
  }

  /** Whether a folder still lists the names of which `digest` was made. */
  listsSame(directory: string, digest: string): boolean {
    let now = this.#digests.get(directory);
    if (now === undefined) {
      now = listingDigest(directory);
      this.#digests.set(directory, now);
    }
    return now === digest;
  }

  /** What is at a path now, as `agent/prewarm/_presence.py` says it. */
  presenceOf(path: string): "nothing" | "file" | "folder" {
    let now = this.#presences.get(path);
    if (now === undefined) {
      const entry = statEntry(path);
      now = entry === undefined ? "nothing" : entry.isDirectory ? "folder" : "file";
      this.#presences.set(path, now);
    }
    return now;
  }

  /** Remembers the content of these files, when there is time, as long as they are what was used. */
  remember(files: Iterable<Used>): void {
    for (const file of files) {
      if (file.size > MOST_HASHED_BYTES) continue;
      if (!this.#hashes.has(`${file.path}\0${versionOf(file)}`)) this.#pending.push(file);
    }
    if (this.#isReading || this.#pending.length === 0) return;
    this.#isReading = true;
    setImmediate(() => this.#readSome());
  }

  #readSome(): void {
    for (const used of this.#pending.splice(0, 20)) {
      const then = versionOf(used);
      if (currentSignature(used.path) !== then) continue;
      if (used.hash === undefined) {
        // It was old when it was used: any later version shows in its signature.
        const hash = contentHash(used.path);
        if (hash !== undefined && currentSignature(used.path) === then) this.#hashes.set(`${used.path}\0${then}`, hash);
      } else if (this.#hash(used.path, then) !== used.hash) this.#hashes.delete(`${used.path}\0${then}`);
    }
    if (this.#pending.length > 0) setImmediate(() => this.#readSome());
    else this.#isReading = false;
  }

  #signature(path: string): string {
    let signature = this.#signatures.get(path);
    if (signature === undefined) {
      signature = currentSignature(path);
      this.#signatures.set(path, signature);
    }
    return signature;
  }

  #hash(path: string, signature: string): string | undefined {
    const key = `${path}\0${signature}`;
    const known = this.#hashes.get(key);
    if (known !== undefined) return known;
    const takenAtMs = Date.now();
    const hash = contentHash(path);
    // Kept only if the file stood still while it was read, and no later version can have this signature.
    const now = statSignature(path);
    const isFinal = now !== undefined && versionOf(now) === signature && isTellingSignature(now, takenAtMs);
    if (hash !== undefined && isFinal) this.#hashes.set(key, hash);
    return hash;
  }
}

/** A digest of the names in a folder, as `agent/prewarm/_observe.py` makes it: hidden names and bytecode do not count. */
function listingDigest(directory: string): string {
  try {
    // Bytes, since a name need not be text.
    const names = readdirSync(systemPath(directory), { encoding: "buffer" })
      .filter((name) => name[0] !== DOT && !name.equals(BYTECODE_FOLDER))
      .sort(Buffer.compare);
    const hash = createHash("sha1");
    for (const [place, name] of names.entries()) hash.update(place === 0 ? "" : "\0").update(name);
    return hash.digest("hex");
  } catch {
    return NOTHING;
  }
}

function versionOf(of: {
  mtimeNs: bigint | string;
  size: number;
  ino: bigint | string;
  ctimeNs?: bigint | string;
}): string {
  return `${of.mtimeNs} ${of.size} ${of.ino} ${of.ctimeNs}`;
}

function versionLeft(left: Left): string {
  return left.log ? `${versionOf(left)} ${left.log}` : versionOf(left);
}

function currentSignature(path: string): string {
  const signature = statSignature(path);
  return signature === undefined ? NOTHING : versionOf(signature);
}
