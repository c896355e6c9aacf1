import { closeSync, existsSync, fstatSync, openSync, readSync, watch } from "node:fs";
import type { Flags } from "../parse-arguments.ts";
import type { Project } from "../project.ts";
import { reportProblem } from "../report-problem.ts";
import { writeAll, writeText } from "../write-output.ts";

const DEFAULT_LINES = 50;
const MOST_TAIL_BYTES = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;
const LINE_FEED = 10;
const READER_GONE = 141;

/** `prewarm logs`: the end of the daemon's log; with `--follow` also what comes. */
export async function logs(flags: Flags, project: Project): Promise<number> {
  project.connection?.close();
  if (project.refusal !== undefined) return reportProblem(project.refusal);
  const { log } = project.folder;
  if (!existsSync(log)) {
    writeText(1, "no daemon has run for this project\n");
    return 0;
  }
  const descriptor = openSync(log, "r");
  try {
    const size = fstatSync(descriptor).size;
    const tail = readFrom(descriptor, Math.max(0, size - MOST_TAIL_BYTES));
    if (!writeAll(1, lastLines(tail, flags.lines ?? DEFAULT_LINES))) return READER_GONE;
    if (flags.follow === true) return await follow(log, descriptor, size);
    return 0;
  } finally {
    closeSync(descriptor);
  }
}

/** Writes what is added to the log, until ctrl-c or until nobody reads it. */
function follow(log: string, descriptor: number, size: number): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  let position = size;
  const copyNew = (): void => {
    const bytes = readFrom(descriptor, position);
    position += bytes.length;
    if (!writeAll(1, bytes)) resolve(READER_GONE);
  };
  const watcher = watch(log, copyNew);
  process.on("SIGINT", () => resolve(0));
  copyNew();
  return promise.finally(() => watcher.close());
}

function readFrom(descriptor: number, start: number): Buffer {
  const parts: Buffer[] = [];
  for (let position = start; ; ) {
    const part = Buffer.alloc(CHUNK_BYTES);
    const length = readSync(descriptor, part, 0, CHUNK_BYTES, position);
    if (length === 0) return Buffer.concat(parts);
    parts.push(part.subarray(0, length));
    position += length;
  }
}

function lastLines(bytes: Buffer, count: number): Buffer {
  let index = bytes.length - 1;
  for (let left = count; left > 0 && index > 0; left -= 1) index = bytes.lastIndexOf(LINE_FEED, index - 1);
  return index <= 0 ? bytes : bytes.subarray(index + 1);
}
