// Shows what prewarm does on examples/shop: plain pytest, the first prewarm run, the runs after it, and their times.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Captured, capture, root, stream } from "./command.ts";
import { preparePython } from "./python.ts";

const PLAIN_RUNS = 3;
const WARM_RUNS = 7;
const TAIL_LINES = 3;

const shop = join(root, "examples/shop");
const python = await preparePython({
  folder: join(shop, ".venv"),
  requirements: [join(shop, "requirements.txt")],
  base: process.env.PREWARM_TEST_PYTHON ?? "python3",
});
if (python.fallback !== undefined) console.log(python.fallback);
if ((await stream([process.execPath, "scripts/build.ts"])) !== 0) process.exit(1);

// A state folder of its own: the demo's daemon has nothing to do with one that is at work on this machine.
const stateFolder = await mkdtemp(join(tmpdir(), "prewarm-demo-"));
const options = { cwd: shop, env: { ...process.env, PREWARM_STATE_DIR: stateFolder } };
try {
  process.exitCode = await compareBoth();
} finally {
  await prewarm("stop");
  await rm(stateFolder, { recursive: true, force: true });
}

/** The whole suite, and then the file that somebody is at work on: most of what such a run takes is the start. */
async function compareBoth(): Promise<number> {
  const isWhole = python.fallback === undefined;
  const whole = await compare("the whole suite", isWhole ? [] : ["tests/core"]);
  const one = await compare("one file of it", [
    isWhole ? "tests/web/test_products_api.py" : "tests/core/test_prices.py",
  ]);
  return Math.max(whole, one);
}

async function compare(title: string, args: readonly string[]): Promise<number> {
  console.log(`\n── ${title}`);
  const words = ["pytest", ...args].join(" ");
  const plain = await repeat(PLAIN_RUNS, `python -m ${words}`, () =>
    capture([python.path, "-m", "pytest", ...args], options),
  );
  const run = () => prewarm("run", "--python", python.path, "--", "pytest", ...args);
  await prewarm("stop");
  const cold = await repeat(1, `prewarm run -- ${words}      (nothing loaded yet)`, run);
  const warm = await repeat(WARM_RUNS, `prewarm run -- ${words}      (loaded)`, run);

  const plainMs = median(plain);
  const warmMs = median(warm);
  console.log(`\nplain pytest   ${plainMs.toFixed(0).padStart(6)} ms   median of ${PLAIN_RUNS}`);
  console.log(`prewarm, cold  ${median(cold).toFixed(0).padStart(6)} ms`);
  console.log(`prewarm, warm  ${warmMs.toFixed(0).padStart(6)} ms   median of ${WARM_RUNS}`);
  console.log(`ratio          ${(plainMs / warmMs).toFixed(1).padStart(6)}      plain / warm`);
  return reportDifferences(plain, [...cold, ...warm]);
}

/** Runs a command a number of times and shows the end of what its last run printed. */
async function repeat(times: number, title: string, run: () => Promise<Captured>): Promise<readonly Captured[]> {
  console.log(`\n$ ${title}`);
  const results: Captured[] = [];
  for (let i = 0; i < times; i += 1) results.push(await run());
  const last = results.at(-1);
  if (last !== undefined) console.log(tail(last.stdout + last.stderr));
  return results;
}

function prewarm(...words: readonly string[]): Promise<Captured> {
  return capture([process.execPath, join(root, "bin/prewarm.js"), ...words], options);
}

/** Says whether every run had plain pytest's exit code and standard output, but for durations and addresses. */
function reportDifferences(plain: readonly Captured[], ours: readonly Captured[]): number {
  const expected = plain.at(-1);
  if (expected === undefined) return 1;
  const expectedLines = comparableLines(expected);
  const different = ours.filter((run) => comparableLines(run).join("\n") !== expectedLines.join("\n"));
  const [first] = different;
  if (first === undefined) {
    console.log(`exit code ${expected.exitCode} and the same text as plain pytest in all ${ours.length} runs`);
    return 0;
  }
  const lines = comparableLines(first);
  const length = Math.max(lines.length, expectedLines.length);
  const at = [...Array(length).keys()].find((index) => lines[index] !== expectedLines[index]) ?? 0;
  console.log(`${different.length} of ${ours.length} runs differ from plain pytest, in the first one here:`);
  console.log(`  plain:   ${expectedLines[at] ?? "(the end)"}\n  prewarm: ${lines[at] ?? "(the end)"}`);
  return 1;
}

function comparableLines(run: Captured): readonly string[] {
  const text = run.stdout
    .replaceAll(/\b\d+\.\d+s( \([\d:]+\))?/g, "#s")
    .replaceAll(/ at 0x[0-9a-f]+/g, " at 0x#")
    .replaceAll(/=+/g, "=");
  return [...text.split("\n"), `exit code ${run.exitCode}`];
}

function tail(text: string): string {
  return text.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
}

function median(runs: readonly Captured[]): number {
  const sorted = runs.map((run) => run.durationMs).sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
