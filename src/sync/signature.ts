import { type BigIntStats, lstatSync } from "node:fs";

/** What tells versions of a file apart without reading it. */
export interface Signature {
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ino: bigint;
  readonly sizeBytes: number;
}

/** The kernel's clock ticks in up to 10 ms; some file systems count whole seconds or two. */
const TICK_NS = 50_000_000n;
const COARSE_TICK_NS = 2_100_000_000n;
const NS_PER_SECOND = 1_000_000_000n;

/** What is at a path, links not followed; undefined where nothing is, or nothing that can be reached. */
export function lookAt(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

export function signatureOf({ mtimeNs, ctimeNs, ino, size }: BigIntStats): Signature {
  return { mtimeNs, ctimeNs, ino, sizeBytes: Number(size) };
}

export function sameSignature(a: Signature, b: Signature): boolean {
  return a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.ino === b.ino && a.sizeBytes === b.sizeBytes;
}

/**
 * Whether a write after this moment (milliseconds since 1970) must show in the signature: of two writes within one tick of the clock the
 * second leaves none. The time of the last change of the file's own data is asked, since no program can set it.
 */
export function isTelling({ ctimeNs }: Signature, nowMs: number): boolean {
  const tickNs = ctimeNs % NS_PER_SECOND === 0n ? COARSE_TICK_NS : TICK_NS;
  return ctimeNs + tickNs < BigInt(Math.floor(nowMs)) * 1_000_000n;
}
