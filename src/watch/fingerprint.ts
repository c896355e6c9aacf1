import { hash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { systemPath } from "./system-path.ts";

/**
 * What tells two versions of a file apart without reading it: `mtimeNs` is Python's `st_mtime_ns`, `size` is in bytes,
 * `ino` is the inode. `ctimeNs` cannot be set by a program, so it gives away `touch -r`, `cp -p` and `rsync -t`; it is
 * absent where the one who loaded the file did not report it.
 */
export type FileSignature = {
  readonly mtimeNs: bigint;
  readonly size: number;
  readonly ino: bigint;
  readonly ctimeNs?: bigint;
};

/** A signature as it crosses the wire: 64-bit numbers are decimal strings, which JSON carries without loss. */
export type WireSignature = {
  readonly mtimeNs: string;
  readonly size: number;
  readonly ino: string;
};

/** What one read of a file showed. `hash` is the SHA-256 of its bytes in hex, as `hashlib.sha256(data).hexdigest()`. */
export type FileContent = {
  readonly hash: string;
  readonly sizeBytes: number;
  /** The last byte is not a newline. False for an empty file. */
  readonly endsMidLine: boolean;
};

const STAT_OPTIONS = { bigint: true, throwIfNoEntry: false } as const;
const NEWLINE = 0x0a;

// File systems stamp with the kernel's tick (4 to 10 ms), some with whole seconds (HFS+) or two (FAT).
const TICK_MS = 20n;
const COARSE_TICK_MS = 2_100n;
const NS_PER_MS = 1_000_000n;
const NS_PER_SECOND = 1_000_000_000n;

/** The signature of the file or directory at `path`, links followed as Python does; undefined when it is missing or out of reach. */
export function statSignature(path: string): FileSignature | undefined {
  return statEntry(path)?.signature;
}

/** The signature and whether it is a directory's, from one `stat`; undefined when it is missing or out of reach. */
export function statEntry(
  path: string,
): { readonly signature: FileSignature; readonly isDirectory: boolean } | undefined {
  try {
    const stats = statSync(systemPath(path), STAT_OPTIONS);
    if (stats === undefined) return undefined;
    const { mtimeNs, ino, ctimeNs } = stats;
    return { signature: { mtimeNs, size: Number(stats.size), ino, ctimeNs }, isDirectory: stats.isDirectory() };
  } catch {
    // A loop of links, a folder without permission, a network drive that went away: Python could not load it either.
    return undefined;
  }
}

/** Whether two signatures belong to one version of a file, as far as both of them tell. */
export function sameSignature(a: FileSignature, b: FileSignature): boolean {
  return (
    a.mtimeNs === b.mtimeNs &&
    a.size === b.size &&
    a.ino === b.ino &&
    (a.ctimeNs === b.ctimeNs || a.ctimeNs === undefined || b.ctimeNs === undefined)
  );
}

/**
 * Whether a later write must show in the signature, given that it was taken at `takenAtMs` (milliseconds since 1970) or
 * later. A second write within one tick of the clock leaves every field as it was.
 */
export function isTellingSignature(signature: FileSignature, takenAtMs: number): boolean {
  const tickMs = signature.mtimeNs % NS_PER_SECOND === 0n ? COARSE_TICK_MS : TICK_MS;
  return signature.mtimeNs / NS_PER_MS + tickMs < BigInt(Math.floor(takenAtMs));
}

/** Reads the file once and describes what was there; undefined when it is missing, unreadable or a directory. */
export function readContent(path: string): FileContent | undefined {
  try {
    const bytes = readFileSync(systemPath(path));
    return {
      hash: hash("sha256", bytes, "hex"),
      sizeBytes: bytes.length,
      endsMidLine: bytes.length > 0 && bytes[bytes.length - 1] !== NEWLINE,
    };
  } catch {
    return undefined;
  }
}

/** The SHA-256 of the file's bytes in hex; undefined when it is missing, unreadable or a directory. */
export function contentHash(path: string): string | undefined {
  return readContent(path)?.hash;
}

/** The signature that the Python side reported. */
export function signatureFromWire(wire: WireSignature): FileSignature {
  return { mtimeNs: BigInt(wire.mtimeNs), size: wire.size, ino: BigInt(wire.ino) };
}
