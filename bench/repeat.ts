// How often one test can be repeated in a minute: by `--repeat` on warm forks, by a loop of plain pytest, and at most.
import { execFile } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { SINGLE_TEST } from "./edits.ts";
import { basePython, cleanEnvironment, HOME } from "./environment.ts";
import { machineFacts } from "./machine.ts";
import { makeApplication } from "./make-app.ts";
import { type Series, seriesOf } from "./statistics.ts";
import { replaceSection } from "./table.ts";

const USAGE = `Usage: node bench/repeat.ts [--rounds N] [--repeats N] [--write]
  --rounds   rounds of every command, 7 unless told
  --repeats  runs of the test in one command of prewarm, 300 unless told; a loop of pytest has a hundredth of that, and three at least
  --write    put the table into docs/insight.md`;

const ROOT = join(import.meta.dirname, "..");
const LEAST_LOOP = 3;
const execFileAsync = promisify(execFile);

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "7" },
    repeats: { type: "string", default: "300" },
    write: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);
const repeats = Number(values.repeats);
if (!Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(repeats) || repeats < 1) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  await main();
}

/** A test that is repeated, and where. */
interface Subject {
  readonly title: string;
  readonly folder: string;
  readonly test: string;
}

/** A way to repeat it, and how many are under way at the same time. */
interface Contender {
  readonly name: string;
  readonly atATime: number;
  /** Repeats it, and resolves to how often a minute. */
  readonly perMinute: (subject: Subject) => Promise<number>;
}

async function main(): Promise<void> {
  const python = await basePython();
  const env = cleanEnvironment({ PREWARM_STATE_DIR: join(HOME, "state-repeat") });
  const ours = [join(ROOT, "bin", "prewarm.js"), "run", "--python", python];
  const contenders: readonly Contender[] = [
    { name: "pytest, a loop", atATime: 1, perMinute: (subject) => loops(python, subject, 1) },
    { name: "pytest, two loops", atATime: 2, perMinute: (subject) => loops(python, subject, 2) },
    { name: "prewarm --repeat", atATime: 1, perMinute: (subject) => repeated([...ours], subject) },
    { name: "prewarm --repeat -n 2", atATime: 2, perMinute: (subject) => repeated([...ours, "-n", "2"], subject) },
  ];
  const subjects = [smallTest(), applicationTest()];
  const rows: string[] = [];
  for (const subject of subjects) {
    try {
      // Bytecode and the first cold run of the daemon are not timed.
      await prewarmOnce([...ours], subject, env);
      await execFileAsync(python, ["-m", "pytest", "-q", subject.test], { cwd: subject.folder, env });
      const rates = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
      for (let round = 0; round < rounds; round += 1)
        for (const { name, perMinute } of contenders) rates.get(name)?.push(await perMinute(subject));
      const limit = await measureLimit(python, subject);
      rows.push(...contenders.map((contender) => row(subject, contender, rates.get(contender.name) ?? [], limit)));
      console.log(rows.slice(-contenders.length).join("\n"));
    } finally {
      await execFileAsync(process.execPath, [ours[0] ?? "", "stop"], { cwd: subject.folder, env });
    }
  }
  report(rows, python);

  async function repeated([program = "", ...flags]: readonly string[], subject: Subject): Promise<number> {
    const startMs = performance.now();
    const args = [program, ...flags, "--repeat", String(repeats), "--", "pytest", "-q", subject.test];
    const { stderr, stdout } = await execFileAsync(process.execPath, args, { cwd: subject.folder, env });
    const tookMs = performance.now() - startMs;
    if (!`${stdout}${stderr}`.includes(`✓ ${repeats} runs in `)) throw new Error(`Expected ${repeats} runs: ${stderr}`);
    return (repeats * 60_000) / tookMs;
  }

  async function loops(interpreter: string, subject: Subject, atATime: number): Promise<number> {
    const each = Math.max(LEAST_LOOP, Math.round(repeats / 100));
    const startMs = performance.now();
    const loop = async (): Promise<void> => {
      for (let done = 0; done < each; done += 1)
        await execFileAsync(interpreter, ["-m", "pytest", "-q", subject.test], { cwd: subject.folder, env });
    };
    await Promise.all(Array.from({ length: atATime }, loop));
    return (each * atATime * 60_000) / (performance.now() - startMs);
  }
}

async function prewarmOnce(
  [program = "", ...flags]: readonly string[],
  { folder, test }: Subject,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await execFileAsync(process.execPath, [program, ...flags, "--", "pytest", "-q", test], { cwd: folder, env });
}

function smallTest(): Subject {
  const folder = join(HOME, "apps", "one-test");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "pytest.ini"), "[pytest]\n");
  writeFileSync(join(folder, "test_small.py"), "def test_small():\n    assert 1 + 1 == 2\n");
  return { title: "a test that does nothing, alone in its project", folder, test: "test_small.py::test_small" };
}

function applicationTest(): Subject {
  const folder = join(HOME, "apps", "repeat");
  makeApplication(folder);
  return { title: "one test of the generated application", folder, test: SINGLE_TEST };
}

/** A fork of a process that has collected the test, which runs it through pytest's protocol and tells the outcome; nobody reports. */
async function measureLimit(python: string, { folder, test }: Subject): Promise<Series> {
  const script = join(import.meta.dirname, "limits.py");
  const child = execFileAsync(python, [script, "suite"], { cwd: folder, env: cleanEnvironment({}) });
  child.child.stdin?.end(JSON.stringify({ rounds: repeats, args: [test] }));
  const answer = (await child).stdout.split("\n").at(-1) ?? "";
  const { fullRun } = JSON.parse(answer) as {
    readonly fullRun: readonly { readonly durationMs: number; readonly outcomes: { readonly passed?: number } }[];
  };
  if (fullRun.some(({ outcomes }) => outcomes.passed !== 1)) throw new Error("The limit ran other tests.");
  return seriesOf(fullRun.map(({ durationMs }) => durationMs));
}

function row({ title }: Subject, { name, atATime }: Contender, rates: readonly number[], limit: Series): string {
  const { medianMs: median, minMs: least, maxMs: most } = seriesOf(rates);
  const mostPossible = (60_000 / limit.medianMs) * atATime;
  const cells = [
    title,
    name,
    `${whole(median)} (${whole(least)} to ${whole(most)})`,
    whole(mostPossible),
    (mostPossible / median).toFixed(2),
  ];
  return `| ${cells.join(" | ")} |`;
}

function whole(rate: number): string {
  return Math.round(rate).toLocaleString("en");
}

function report(rows: readonly string[], python: string): void {
  const [load = 0] = loadavg();
  const text = [
    ...machineFacts(python).map((fact) => `- ${fact}`),
    `- ${repeats} repeats a command, ${rounds} rounds in turn; repeats a minute: median (smallest to largest); load of the machine at the end ${load.toFixed(1)}`,
    "",
    "| test | repeated by | a minute | limit, by how many at a time | limit / that |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
  console.log(text);
  if (values.write) replaceSection(join(ROOT, "docs", "insight.md"), "repeat", text);
}
