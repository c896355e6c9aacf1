import { execFile } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { basePython, cleanEnvironment, HOME, peerPython } from "./environment.ts";
import { machineFacts } from "./machine.ts";
import { type Series, seriesOf } from "./statistics.ts";
import { replaceSection } from "./table.ts";

const USAGE = `Usage: node bench/workers.ts [--rounds N] [--tests N] [--write]
  --rounds  rounds of every command, 7 unless told
  --tests   small tests in files of 50, 10000 unless told
  --write   put the table into bench/README.md`;

const TESTS_PER_FILE = 50;
const ROOT = join(import.meta.dirname, "..");
const execFileAsync = promisify(execFile);

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    tests: { type: "string", default: "10000" },
    write: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
const tests = Number(values.tests);
if (!Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(tests) || tests < TESTS_PER_FILE) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  await main();
}

/** A command, and how many seconds the limit would take it. */
interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  readonly workers: number;
}

async function main(): Promise<void> {
  const python = await basePython();
  const xdist = await peerPython("pytest-xdist", ["pytest-xdist==3.8.0"]);
  const folder = join(HOME, "apps", "small-tests");
  makeTests(folder);
  const env = cleanEnvironment({ PREWARM_STATE_DIR: join(HOME, "state-workers") });
  const ours = [process.execPath, join(ROOT, "bin", "prewarm.js"), "run", "--python", python];
  const contenders: readonly Contender[] = [
    { name: "pytest", command: [python, "-m", "pytest", "-q"], workers: 1 },
    { name: "pytest-xdist -n 2", command: [xdist, "-m", "pytest", "-q", "-n", "2"], workers: 2 },
    { name: "prewarm -n 1", command: [...ours, "-n", "1", "--", "pytest", "-q"], workers: 1 },
    { name: "prewarm -n 2", command: [...ours, "-n", "2", "--", "pytest", "-q"], workers: 2 },
  ];
  const durations = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  const run = async ({ command: [file = "", ...args] }: Contender): Promise<number> => {
    const startMs = performance.now();
    const { stdout } = await execFileAsync(file, args, { cwd: folder, env, maxBuffer: 2 ** 28 });
    const durationMs = performance.now() - startMs;
    if (!stdout.includes(`${tests} passed`)) throw new Error(`Expected ${tests} passed tests: ${stdout.slice(-300)}`);
    return durationMs;
  };
  try {
    // Bytecode, the first cold run of the daemon, and durations for its scheduler are not timed.
    for (const contender of contenders) await run(contender);
    for (let round = 0; round < rounds; round += 1) {
      for (const contender of contenders) durations.get(contender.name)?.push(await run(contender));
    }
    const limit = await measureLimit(python, folder, rounds);
    report(contenders, durations, limit, python);
  } finally {
    await execFileAsync(ours[0] ?? "", [ours[1] ?? "", "stop"], { cwd: folder, env });
  }
}

function makeTests(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "tests"), { recursive: true });
  writeFileSync(join(folder, "pytest.ini"), "[pytest]\ntestpaths = tests\n");
  for (let file = 0; file * TESTS_PER_FILE < tests; file += 1) {
    const count = Math.min(TESTS_PER_FILE, tests - file * TESTS_PER_FILE);
    const text = Array.from(
      { length: count },
      (_, index) => `def test_${index}():\n    assert ${index} + 1 == ${index + 1}\n`,
    );
    writeFileSync(join(folder, "tests", `test_${String(file).padStart(4, "0")}.py`), text.join("\n\n"));
  }
}

/** pytest's own protocol in one fork of a process that has collected everything, with nobody reporting. */
async function measureLimit(python: string, folder: string, count: number): Promise<Series> {
  const script = join(import.meta.dirname, "limits.py");
  const child = execFileAsync(python, [script, "suite"], { cwd: folder, env: cleanEnvironment({}) });
  child.child.stdin?.end(JSON.stringify({ rounds: count }));
  const { fullRun } = JSON.parse((await child).stdout) as {
    readonly fullRun: readonly { readonly durationMs: number; readonly outcomes: { readonly passed?: number } }[];
  };
  if (fullRun.some(({ outcomes }) => outcomes.passed !== tests)) throw new Error("The limit ran other tests.");
  return seriesOf(fullRun.map(({ durationMs }) => durationMs));
}

function report(
  contenders: readonly Contender[],
  durations: ReadonlyMap<string, readonly number[]>,
  limit: Series,
  python: string,
): void {
  const rows = contenders.map(({ name, workers }) => {
    const series = seriesOf(durations.get(name) ?? []);
    return `| ${name} | ${seconds(series)} | ${(limit.medianMs / workers / 1000).toFixed(2)} | ${(series.medianMs / (limit.medianMs / workers)).toFixed(2)} |`;
  });
  const text = [
    ...machineFacts(python).map((fact) => `- ${fact}`),
    `- ${tests} tests, ${rounds} rounds, one after another in every round; seconds: median (smallest to largest)`,
    "",
    "|  | seconds | limit, by its workers | to the limit |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
    `Limit: pytest's own protocol in a fork, ${seconds(limit)} s with one worker.`,
  ].join("\n");
  console.log(text);
  if (values.write) replaceSection(join(import.meta.dirname, "README.md"), "workers", text);
}

function seconds({ medianMs, minMs, maxMs }: Series): string {
  const [median, min, max] = [medianMs, minMs, maxMs].map((ms) => (ms / 1000).toFixed(2));
  return `${median} (${min} to ${max})`;
}
