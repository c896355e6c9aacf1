// An archive as pip reads it: entries in a given order, without dates, so that one content has one form.
import { crc32, deflateRawSync } from "node:zlib";

/** One file of an archive. */
export interface ZipEntry {
  readonly name: string;
  readonly data: Buffer;
  readonly isProgram: boolean;
}

const DEFLATED = 8;
const UTF8_NAMES = 0x0800;
const MADE_BY_UNIX = (3 << 8) | 20;
const VERSION_NEEDED = 20;
/** The first day that the format knows. */
const DATE = (1 << 5) | 1;

/** The bytes of a zip archive. */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, isProgram } of entries) {
    const path = Buffer.from(name);
    const packed = deflateRawSync(data, { level: 9 });
    const common = Buffer.alloc(26);
    common.writeUInt16LE(VERSION_NEEDED, 0);
    common.writeUInt16LE(UTF8_NAMES, 2);
    common.writeUInt16LE(DEFLATED, 4);
    common.writeUInt16LE(DATE, 8);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(path.length, 22);
    const local = [signature("PK\x03\x04"), common, path, packed];
    const central = Buffer.alloc(14);
    central.writeUInt32LE(((0o100000 | (isProgram ? 0o755 : 0o644)) << 16) >>> 0, 6);
    central.writeUInt32LE(offset, 10);
    directory.push(signature("PK\x01\x02"), twoBytes(MADE_BY_UNIX), common, central, path);
    locals.push(...local);
    offset += local.reduce((sum, { length }) => sum + length, 0);
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(listed.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, listed, signature("PK\x05\x06"), end]);
}

function signature(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

function twoBytes(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}
