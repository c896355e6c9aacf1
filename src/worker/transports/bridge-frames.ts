/** What the bridge to Ray carries: bytes of one node, or, with the number 0, a message of its own. `agent/ray_bridge/prewarm_ray.py` has the form. */
export interface BridgeFrame {
  readonly number: number;
  readonly bytes: Buffer;
}

const HEADER_BYTES = 8;

export function encodeBridgeFrame(number: number, bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(bytes.length, 0);
  header.writeUInt32BE(number, 4);
  return Buffer.concat([header, bytes]);
}

/** Cuts a stream into frames, however its bytes are split. */
export function cutBridgeFrames(): (chunk: Buffer) => readonly BridgeFrame[] {
  let parts: Buffer[] = [];
  let bytes = 0;
  let needed = HEADER_BYTES;
  return (chunk) => {
    parts.push(chunk);
    bytes += chunk.length;
    const frames: BridgeFrame[] = [];
    if (bytes < needed) return frames;
    let all = Buffer.concat(parts);
    for (needed = lengthOf(all); all.length >= needed; needed = lengthOf(all)) {
      frames.push({ number: all.readUInt32BE(4), bytes: all.subarray(HEADER_BYTES, needed) });
      all = all.subarray(needed);
    }
    parts = [all];
    bytes = all.length;
    return frames;
  };
}

/** How long the first frame is, with its header; at least a header. */
function lengthOf(bytes: Buffer): number {
  return bytes.length < HEADER_BYTES ? HEADER_BYTES : HEADER_BYTES + bytes.readUInt32BE(0);
}
