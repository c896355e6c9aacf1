import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { FileStates } from "../src/watch/file-states.ts";
import { statSignature } from "../src/watch/fingerprint.ts";
import { IgnoreRules } from "../src/watch/ignore-rules.ts";
import { Sweep } from "../src/watch/sweep.ts";
import { watchTree } from "../src/watch/tree-watcher.ts";
import { type Series, seriesOf } from "./statistics.ts";

// What looking at a large project costs: a sweep of all its files, the look before a run, and a watch in which nothing happens.
const FILES = Number(process.argv[2] ?? 50_000);
const FILES_IN_A_FOLDER = 50;
const ROUNDS = 11;
const IDLE_MS = 10_000;
const HASH_SLICE_MS = 1_000;
/** Written long ago, as files of a project are: a young one would be read again, since it could change without a trace. */
const WRITTEN_S = 1_700_000_000;

const root = mkdtempSync(join(tmpdir(), "prewarm-sweep-"));
try {
  const paths = makeFiles();
  const sweep = new Sweep();
  for (const path of paths) {
    const signature = statSignature(path);
    if (signature !== undefined) sweep.add(path, signature);
  }
  const startMs = performance.now();
  while (sweep.hashPending(HASH_SLICE_MS) > 0);
  const hashMs = performance.now() - startMs;
  const states = new FileStates();
  const used = paths.map((path) => {
    const { mtimeNs = 0n, ino = 0n, ctimeNs = 0n, size = -1 } = statSignature(path) ?? {};
    return { path, mtimeNs: `${mtimeNs}`, ino: `${ino}`, ctimeNs: `${ctimeNs}`, size };
  });
  await using _ = await watchTree(root, new IgnoreRules(root), { onHint: () => {}, onFailure: console.error });
  const before = process.cpuUsage();
  await wait(IDLE_MS);
  const { user, system } = process.cpuUsage(before);
  const rows: Readonly<Record<string, string>> = {
    [`sweep of ${FILES} watched files, nothing changed`]: milliseconds(timed(() => expectNone(sweep.check().length))),
    [`look at ${FILES} used files before a run`]: milliseconds(
      timed(() => {
        states.refresh();
        expectNone(used.filter((file) => !states.isSame(file)).length);
      }),
    ),
    "hashing all of them once, in idle time": `${hashMs.toFixed(0)} ms`,
    "idle watch": `${((user + system) / (IDLE_MS * 10)).toFixed(2)} % of a core`,
  };
  for (const [name, value] of Object.entries(rows)) console.log(`| ${name} | ${value} |`);
} finally {
  rmSync(root, { recursive: true });
}

function makeFiles(): readonly string[] {
  return Array.from({ length: FILES }, (_, index) => {
    const folder = join(root, `package_${Math.floor(index / FILES_IN_A_FOLDER)}`);
    if (index % FILES_IN_A_FOLDER === 0) mkdirSync(folder);
    const path = join(folder, `module_${index}.py`);
    writeFileSync(path, `VALUE = ${index}\n`);
    utimesSync(path, WRITTEN_S, WRITTEN_S);
    return path;
  });
}

function timed(act: () => void): Series {
  return seriesOf(
    Array.from({ length: ROUNDS }, () => {
      const startMs = performance.now();
      act();
      return performance.now() - startMs;
    }),
  );
}

function expectNone(count: number): void {
  if (count > 0) throw new Error(`${count} files were found to be changed, and none was.`);
}

function milliseconds({ medianMs, minMs, maxMs }: Series): string {
  return `${medianMs.toFixed(0)} ms (${minMs.toFixed(0)} to ${maxMs.toFixed(0)})`;
}
