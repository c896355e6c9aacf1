import { crc32 } from "node:zlib";

/** What a packet says of its test. */
export type SubunitStatus = "exists" | "inprogress" | "success" | "skip" | "fail" | "xfail";

/** One packet of the subunit protocol, version 2. */
export interface SubunitPacket {
  readonly test: string;
  readonly status?: SubunitStatus;
  /** Milliseconds since 1970. */
  readonly atMs?: number;
  readonly tags?: readonly string[];
  readonly file?: {
    readonly name: string;
    readonly mime: string;
    readonly bytes: Uint8Array;
    readonly isLast: boolean;
  };
}

const SIGNATURE = 0xb3;
const VERSION_2 = 0x2000;
const HAS_TEST = 0x0800;
const HAS_TIME = 0x0200;
const IS_RUNNABLE = 0x0100;
const HAS_TAGS = 0x0080;
const HAS_FILE = 0x0040;
const HAS_MIME = 0x0020;
const IS_END_OF_FILE = 0x0010;
const STATUS_BITS: Readonly<Record<SubunitStatus, number>> = {
  exists: 1,
  inprogress: 2,
  success: 3,
  skip: 5,
  fail: 6,
  xfail: 7,
};

/** Signature and flags, and the checksum at the end. */
const FRAME_BYTES = 3 + 4;

/** A packet as bytes. It has to stay below 4 MiB: longer files take several packets. */
export function encodePacket({ test, status, atMs, tags = [], file }: SubunitPacket): Buffer {
  const flags =
    VERSION_2 |
    HAS_TEST |
    IS_RUNNABLE |
    (status === undefined ? 0 : STATUS_BITS[status]) |
    (atMs === undefined ? 0 : HAS_TIME) |
    (tags.length === 0 ? 0 : HAS_TAGS) |
    (file === undefined ? 0 : HAS_FILE | HAS_MIME | (file.isLast ? IS_END_OF_FILE : 0));
  const body = Buffer.concat([
    ...(atMs === undefined ? [] : timestamp(atMs)),
    ...text(test),
    ...(tags.length === 0 ? [] : [number(tags.length), ...tags.flatMap(text)]),
    ...(file === undefined ? [] : [...text(file.mime), ...text(file.name), number(file.bytes.length), file.bytes]),
  ]);
  const head = Buffer.from([SIGNATURE, flags >> 8, flags & 0xff]);
  const withoutSum = Buffer.concat([head, lengthOf(body.length + FRAME_BYTES), body]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(withoutSum));
  return Buffer.concat([withoutSum, sum]);
}

/** The packet's length, which counts the bytes of its own number. */
function lengthOf(others: number): Buffer {
  for (const own of [1, 2, 3]) {
    const encoded = number(others + own);
    if (encoded.length === own) return encoded;
  }
  throw new RangeError(`Expected a packet below 4 MiB, got ${others} bytes.`);
}

function timestamp(atMs: number): readonly Buffer[] {
  const seconds = Buffer.alloc(4);
  seconds.writeUInt32BE(Math.floor(atMs / 1000));
  return [seconds, number(Math.round((atMs % 1000) * 1_000_000) % 1_000_000_000)];
}

function text(value: string): readonly Buffer[] {
  const bytes = Buffer.from(value);
  return [number(bytes.length), bytes];
}

/** One to four bytes: the first two bits tell how many follow. */
function number(value: number): Buffer {
  if (value < 1 << 6) return Buffer.from([value]);
  if (value < 1 << 14) return Buffer.from([0x40 | (value >> 8), value & 0xff]);
  if (value < 1 << 22) return Buffer.from([0x80 | (value >> 16), (value >> 8) & 0xff, value & 0xff]);
  if (value < 1 << 30) {
    return Buffer.from([0xc0 | (value >> 24), (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff]);
  }
  throw new RangeError(`Expected a number below 2 to the 30, got ${value}.`);
}
