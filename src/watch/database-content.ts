import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { statSignature } from "./fingerprint.ts";
import { systemPath } from "./system-path.ts";

const NOTHING = "nothing";
/** Of larger databases the version of the file decides: to read them would keep everybody waiting. */
const MOST_READ_BYTES = 16 * 2 ** 20;
const MAGIC = Buffer.from("SQLite format 3\0");
const HEADER_BYTES = 100;
/**
 * Counters of changes and of versions of the schema, and which SQLite has written last (https://www.sqlite.org/fileformat2.html):
 * whoever makes the same tables anew makes the same database.
 */
const COUNTERS = [
  [24, 28],
  [40, 44],
  [92, 100],
] as const;

/** What tells one content of a SQLite database from another, as `agent/prewarm/_sqlite_files.py` says it; `nothing` where there is none. */
export function databaseContent(path: string): string {
  const main = statSignature(path);
  if (main === undefined) return NOTHING;
  const log = logOf(path);
  if (main.size + (log?.size ?? 0) > MOST_READ_BYTES) return databaseVersion(path);
  try {
    const content = readFileSync(systemPath(path));
    if (content.length >= HEADER_BYTES && content.subarray(0, MAGIC.length).equals(MAGIC)) {
      for (const [first, end] of COUNTERS) content.fill(0, first, end);
    }
    const hash = createHash("sha256").update(content);
    if (log !== undefined) hash.update(readFileSync(systemPath(`${path}-wal`)));
    return hash.digest("hex");
  } catch {
    return textOf(main);
  }
}

/** What tells two versions of a database apart without reading it. */
export function databaseVersion(path: string): string {
  const main = statSignature(path);
  if (main === undefined) return NOTHING;
  const log = logOf(path);
  return log === undefined ? textOf(main) : `${textOf(main)} ${textOf(log)}`;
}

/** What was written to a database and is not in its file yet. */

function logOf(path: string): ReturnType<typeof statSignature> {
  const log = statSignature(`${path}-wal`);
  return log === undefined || log.size === 0 ? undefined : log;
}

function textOf({ mtimeNs, size, ino, ctimeNs }: NonNullable<ReturnType<typeof statSignature>>): string {
  return `${mtimeNs} ${size} ${ino} ${ctimeNs}`;
}
