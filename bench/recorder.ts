// What a watch costs the suite that it watches: the import of the project's code, and its tests with and without the record of
// what each depends on. Ratios of processor times, taken in turn; real suites in environments of scripts/parity.
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runQuietly } from "../scripts/parity/command.ts";
import { cacheHome, findPythons, prepareEnvironment } from "../scripts/parity/environments.ts";
import { builtinSubjects, copySubject, type Subject } from "../scripts/parity/subjects.ts";
import { machineFacts } from "./machine.ts";
import { seriesOf } from "./statistics.ts";
import { replaceSection } from "./table.ts";

/** Parts of suites that take a few seconds each. */
const SUITES: Readonly<Record<string, readonly string[]>> = {
  sympy: ["sympy/sets", "sympy/core/tests/test_basic.py", "sympy/core/tests/test_expr.py"],
  networkx: ["networkx/classes", "networkx/algorithms/shortest_paths"],
  attrs: ["tests", "--hypothesis-seed=1"],
};
const SCRIPT = join(import.meta.dirname, "recorder.py");

/** What one process of the script tells; seconds. */
interface Told {
  readonly import: number;
  readonly tests: number;
  readonly plain?: readonly Fork[];
  readonly recorded?: readonly Fork[];
}

interface Fork {
  readonly cpu: number;
  readonly bytes: number;
}

const { values } = parseArgs({
  options: {
    write: { type: "boolean", default: false },
    rounds: { type: "string", default: "7" },
    python: { type: "string", default: "3.12" },
    suites: { type: "string", default: Object.keys(SUITES).join(",") },
  },
});
const rounds = Number(values.rounds);
const found = (await findPythons()).find(({ version }) => version.startsWith(values.python));
if (found === undefined) throw new Error(`Expected a Python ${values.python}, found none.`);

const rows = [
  "| suite | tests | ms a test | its tests, recorded | its import, watched | told |",
  "| --- | --- | --- | --- | --- | --- |",
];
let facts: readonly string[] = [];
for (const name of values.suites.split(",")) {
  const subject = builtinSubjects.find((each) => each.name === name);
  if (subject === undefined) throw new Error(`Expected a suite among ${Object.keys(SUITES).join(", ")}, got ${name}.`);
  const python = await prepareEnvironment(found.path, "newest", subject.packages);
  facts = machineFacts(python);
  rows.push(await measure(subject, python));
  console.log(rows.at(-1));
}
const text = [
  ...facts.map((each) => `- ${each}`),
  `- ${rounds} rounds in turn; ratios of the medians of processor time (smallest to largest ratio of a round)`,
  "",
  ...rows,
].join("\n");
console.log(text);
if (values.write) replaceSection(join(import.meta.dirname, "README.md"), "recorder", text);

async function measure(subject: Subject, python: string): Promise<string> {
  const folder = join(tmpdir(), `prewarm-recorder-${process.pid}-${subject.name}`);
  try {
    await copySubject(subject, python, cacheHome(), folder);
    const run = async (kind: string, forks: number): Promise<Told> => {
      const path = (subject.pythonPath ?? ["."]).map((each) => join(folder, each)).join(":");
      const environment = { ...process.env, PYTHONPATH: path, PYTHONHASHSEED: "1" };
      const words = [python, SCRIPT, kind, String(forks), ...(SUITES[subject.name] ?? [])];
      return JSON.parse(
        (await runQuietly(words, { cwd: folder, environment })).trimEnd().split("\n").at(-1) ?? "",
      ) as Told;
    };
    const bare: number[] = [];
    const watched: number[] = [];
    // The first of each writes bytecode.
    for (let round = -1; round < rounds; round += 1) {
      const [first, second] = [(await run("bare", 0)).import, (await run("watched", 0)).import];
      if (round >= 0) bare.push(first);
      if (round >= 0) watched.push(second);
    }
    const { tests, plain = [], recorded = [] } = await run("watched", rounds);
    const cpu = (forks: readonly Fork[]) => forks.map((fork) => fork.cpu);
    const each = (1000 * seriesOf(cpu(plain)).medianMs) / tests;
    const told = (recorded[0]?.bytes ?? 0) - (plain[0]?.bytes ?? 0);
    const cells = [
      subject.name,
      tests,
      each.toFixed(1),
      ratio(cpu(recorded), cpu(plain)),
      ratio(watched, bare),
      `${Math.round(told / tests)} bytes a test`,
    ];
    return `| ${cells.join(" | ")} |`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function ratio(some: readonly number[], others: readonly number[]): string {
  const pairs = some.map((each, round) => each / (others[round] ?? Number.NaN));
  const middle = seriesOf(some).medianMs / seriesOf(others).medianMs;
  return `${middle.toFixed(3)} (${Math.min(...pairs).toFixed(3)} to ${Math.max(...pairs).toFixed(3)})`;
}
