import { hash } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { MAX_PACK_BYTES, type SyncOrder } from "../protocol/sync-messages.ts";

type Blobs = Extract<SyncOrder, { type: "sync-blobs" }>;

/** A part of one content: `sizeBytes` is that of the whole. */
export interface BlobPart {
  readonly hash: string;
  readonly sizeBytes: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Speed matters more than the last tenth of size: a tree is packed once, while somebody waits. */
const DEFLATE = { level: 1 };

/** What a message says of each part counts as well. */
const MAX_PARTS = 5_000;

/** Contents as messages, small ones together and large ones in parts. */
export function* packs(contents: Iterable<Uint8Array>): Generator<Blobs> {
  let parts: BlobPart[] = [];
  let bytes = 0;
  for (const content of contents) {
    const contentHash = hash("sha256", content, "hex");
    let offset = 0;
    do {
      const part = content.subarray(offset, offset + MAX_PACK_BYTES - bytes);
      parts.push({ hash: contentHash, sizeBytes: content.length, offset, bytes: part });
      offset += part.length;
      bytes += part.length;
      if (bytes < MAX_PACK_BYTES && parts.length < MAX_PARTS) continue;
      yield pack(parts);
      parts = [];
      bytes = 0;
    } while (offset < content.length);
  }
  if (parts.length > 0) yield pack(parts);
}

/** The parts in a message; undefined where it is not what it says of itself. */
export function unpack({ parts, data, isDeflated }: Blobs): readonly BlobPart[] | undefined {
  const sizeBytes = parts.reduce((sum, [, , , length]) => sum + length, 0);
  if (sizeBytes > MAX_PACK_BYTES) return undefined;
  const bytes = isDeflated ? inflate(Buffer.from(data, "base64"), sizeBytes) : Buffer.from(data, "base64");
  if (bytes?.length !== sizeBytes) return undefined;
  let start = 0;
  return parts.map(([partHash, wholeBytes, offset, length]) => {
    start += length;
    return { hash: partHash, sizeBytes: wholeBytes, offset, bytes: bytes.subarray(start - length, start) };
  });
}

function pack(parts: readonly BlobPart[]): Blobs {
  const plain = Buffer.concat(parts.map(({ bytes }) => bytes));
  const deflated = deflateRawSync(plain, DEFLATE);
  const isDeflated = deflated.length < plain.length;
  return {
    type: "sync-blobs",
    parts: parts.map((part) => [part.hash, part.sizeBytes, part.offset, part.bytes.length]),
    data: (isDeflated ? deflated : plain).toString("base64"),
    isDeflated,
  };
}

// What unpacks to more than it says is not unpacked to the end.
function inflate(bytes: Uint8Array, sizeBytes: number): Buffer | undefined {
  try {
    return inflateRawSync(bytes, { maxOutputLength: Math.max(1, sizeBytes) });
  } catch {
    return undefined;
  }
}
