import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { apply, breakingEditOf, EDITED_TEST_FILE, type EditKind, GREEN_SUITE, mendingEditOf } from "./edits.ts";
import { basePython, HOME } from "./environment.ts";
import { makeApplication } from "./make-app.ts";
import { plainPytest, prewarm, STATE } from "./peers/all.ts";
import { difference } from "./peers/observe.ts";
import type { Peer } from "./peers/peer.ts";
import { replaceSection } from "./table.ts";

const SAMPLE_MS = 25;
const FULL_RUN = { args: [], afterEdit: false } as const;

/** Proportional set size of a group of processes: memory that several share counts once in the sum. */
interface Sample {
  readonly pssBytes: number;
  readonly processes: number;
}

const { values } = parseArgs({
  options: { write: { type: "boolean", default: false }, "without-prewarm": { type: "boolean", default: false } },
});
const python = await basePython();
const folder = join(HOME, "apps", "memory");
makeApplication(folder);

const plain = plainPytest(python, folder);
await fullRun(plain);
const rows: (readonly [string, Sample])[] = [
  ["plain pytest, peak of a full run", await peakDuring(() => fullRun(plain), descendantsOfThis)],
];
if (!values["without-prewarm"]) rows.push(...(await measurePrewarm()));

const single = rows[0]?.[1].pssBytes ?? Number.NaN;
const text = ["| | MiB | processes | to plain pytest |", "| --- | --- | --- | --- |"]
  .concat(
    rows.map(
      ([name, { pssBytes, processes }]) =>
        `| ${name} | ${(pssBytes / 2 ** 20).toFixed(0)} | ${processes} | ${(pssBytes / single).toFixed(2)} |`,
    ),
  )
  .join("\n");
console.log(text);
if (values.write) replaceSection(join(import.meta.dirname, "README.md"), "memory", text);

async function measurePrewarm(): Promise<readonly (readonly [string, Sample])[]> {
  const peer = prewarm(python, folder);
  await peer.stop();
  try {
    await fullRun(peer);
    await editEverywhere(peer);
    await fullRun(peer);
    const peak = await peakDuring(() => fullRun(peer), processesOfPrewarm);
    const idle = await idleOf(processesOfPrewarm);
    return [
      ["prewarm with daemon, idle after edits of a core module, a leaf and a test file", idle],
      ["prewarm with daemon, peak of a full run", peak],
    ];
  } finally {
    await peer.stop();
  }
}

/** Edits of every kind, so that the checkpoints stand where they do after an hour of work. */
async function editEverywhere(peer: Peer): Promise<void> {
  const kinds: readonly EditKind[] = ["core", "leaf", "test file"];
  for (const edit of kinds.flatMap((kind) => [breakingEditOf(kind), mendingEditOf(kind)])) {
    const observation = await peer.run(
      { args: [EDITED_TEST_FILE], afterEdit: true },
      () => apply(edit, folder),
      edit.verdict,
    );
    const wrong = difference(observation, edit.verdict);
    if (wrong !== undefined) throw new Error(`${peer.name}, ${edit.path}: ${wrong}`);
  }
}

async function fullRun(peer: Peer): Promise<void> {
  const wrong = difference(await peer.run(FULL_RUN, () => undefined, GREEN_SUITE), GREEN_SUITE);
  if (wrong !== undefined) throw new Error(`${peer.name}: ${wrong}`);
}

async function peakDuring(work: () => Promise<void>, find: () => readonly number[]): Promise<Sample> {
  let peak: Sample = { pssBytes: 0, processes: 0 };
  let ended = false;
  const working = work().finally(() => {
    ended = true;
  });
  while (!ended) {
    const sample = sampleOf(find());
    if (sample.pssBytes > peak.pssBytes) peak = sample;
    await wait(SAMPLE_MS);
  }
  await working;
  return peak;
}

/** The first of two samples, a second apart, between which nothing changed by more than a hundredth. */
async function idleOf(find: () => readonly number[]): Promise<Sample> {
  let before = sampleOf(find());
  for (let attempt = 0; attempt < 30; attempt += 1) {
    await wait(1000);
    const now = sampleOf(find());
    if (now.processes === before.processes && Math.abs(now.pssBytes - before.pssBytes) < before.pssBytes / 100)
      return now;
    before = now;
  }
  throw new Error("prewarm's memory did not come to rest within 30 seconds.");
}

function sampleOf(pids: readonly number[]): Sample {
  const sizes = pids.map((pid) => pssBytesOf(pid)).filter((size) => size > 0);
  return { pssBytes: sizes.reduce((sum, size) => sum + size, 0), processes: sizes.length };
}

function pssBytesOf(pid: number): number {
  return Number(/^Pss:\s+(\d+) kB/m.exec(readProcess(pid, "smaps_rollup"))?.[1] ?? 0) * 1024;
}

/** prewarm's command, daemon and Python processes, wherever they hang in the tree: all carry the private state folder in their environment. */
function processesOfPrewarm(): readonly number[] {
  return allPids().filter((pid) => readProcess(pid, "environ").split("\0").includes(`PREWARM_STATE_DIR=${STATE}`));
}

function descendantsOfThis(): readonly number[] {
  const parents = new Map(
    allPids().map((pid) => [pid, Number(/^PPid:\s+(\d+)/m.exec(readProcess(pid, "status"))?.[1] ?? 0)]),
  );
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid) ?? 0;
    return parent === process.pid || (parent > 1 && isBelow(parent));
  };
  return [...parents.keys()].filter(isBelow);
}

function allPids(): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** A file of the process; empty where the process has ended or belongs to someone else. */
function readProcess(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return "";
  }
}
