import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { TESTS_IN_A_FILE, testFiles } from "./app/tests.ts";
import { apply, type EditKind, editOf } from "./edits.ts";
import { basePython, HOME } from "./environment.ts";
import { JsonWatch } from "./json-watch.ts";
import { machineFacts } from "./machine.ts";
import { applicationFiles, makeApplication } from "./make-app.ts";
import { type Series, seriesOf } from "./statistics.ts";
import { replaceSection } from "./table.ts";

const USAGE = `Usage: node bench/scale.ts [--times N] [--rounds N] [--write]
  --times   how often the subjects of the application are there in the large one, 17 unless told: 10,200 tests
  --rounds  edits of every kind, 7 unless told
  --write   put the table into bench/README.md
  Needs Python 3.12 or later as python3: before, nothing tells which functions a test executes.`;

/** Nobody saves again within the second. */
const PAUSE_MS = 1_000;

const ROWS: readonly {
  readonly title: string;
  readonly kind: EditKind;
  readonly testsOf: (round: number) => number;
}[] = [
  { title: "leaf function edited, one test is affected", kind: "leaf", testsOf: () => 1 },
  {
    title: "test file saved, its tests are affected",
    kind: "test file",
    testsOf: (round) => TESTS_IN_A_FILE + (round % 2 === 1 ? 1 : 2),
  },
];

/** An edit in a watch of the whole suite, at one size of the application. */
interface Measured {
  readonly tests: number;
  readonly modules: number;
  readonly rows: readonly { readonly title: string; readonly series: Series | undefined; readonly wrong: number }[];
}

const { values } = parseArgs({
  options: {
    times: { type: "string", default: "17" },
    rounds: { type: "string", default: "7" },
    write: { type: "boolean", default: false },
    inside: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const rounds = Number(values.rounds);

if (values.help || !Number.isInteger(rounds) || rounds < 1 || !/^[1-9]\d?$/.test(values.times)) {
  console.error(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else if (values.inside) console.log(JSON.stringify(await measure()));
else {
  // The size is in the environment, and each size has a process of its own: modules of the benchmark work it out once.
  const sizes = ["1", values.times].map((times) => {
    const words = [import.meta.filename, "--inside", "--rounds", `${rounds}`];
    const env = { ...process.env, PREWARM_BENCH_TIMES: times };
    const told = execFileSync(process.execPath, words, { env, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
    return JSON.parse(told) as Measured;
  });
  const text = [...machineFacts(await basePython()).map((fact) => `- ${fact}`), "", ...tableOf(sizes)].join("\n");
  console.log(text);
  if (values.write) replaceSection(join(import.meta.dirname, "README.md"), "scale", text);
  if (sizes.some(({ rows }) => rows.some(({ wrong }) => wrong > 0))) process.exitCode = 1;
}

async function measure(): Promise<Measured> {
  const folder = join(HOME, "apps", "scale");
  makeApplication(folder);
  const tests = testFiles().length * TESTS_IN_A_FILE;
  const modules = applicationFiles().filter(({ path }) => path.startsWith("heavyapp/")).length;
  const rows = [];
  await using watch = new JsonWatch(await basePython(), folder);
  await watch.settled();
  for (const { title, kind, testsOf } of ROWS) {
    const durations: number[] = [];
    let wrong = 0;
    for (let round = 1; round <= rounds; round += 1) {
      await wait(PAUSE_MS);
      const startMs = performance.now();
      apply(editOf(kind, round), folder);
      const { record, atMs } = await watch.verdict();
      if (record.exit === 0 && record.tests === testsOf(round)) durations.push(atMs - startMs);
      else {
        wrong += 1;
        console.error(`${title}: exit ${record.exit}, ${record.tests} tests instead of ${testsOf(round)}`);
      }
      await watch.settled();
    }
    rows.push({ title, series: durations.length === 0 ? undefined : seriesOf(durations), wrong });
  }
  return { tests, modules, rows };
}

function tableOf([small, large]: readonly Measured[]): readonly string[] {
  if (small === undefined || large === undefined) return [];
  const head = [small, large].map(({ tests, modules }) => `${tests} tests, ${modules} modules`);
  const lines = small.rows.map(({ title, series }, index) => {
    const other = large.rows[index]?.series;
    const ratio = series === undefined || other === undefined ? "–" : (other.medianMs / series.medianMs).toFixed(2);
    return `| ${title} | ${inWords(series)} | ${inWords(other)} | ${ratio} |`;
  });
  return [`|  | ${head.join(" | ")} | large / small |`, "| --- | --- | --- | --- |", ...lines];
}

function inWords(series: Series | undefined): string {
  if (series === undefined) return "no right verdict";
  return `${series.medianMs.toFixed(0)} ms (${series.minMs.toFixed(0)} to ${series.maxMs.toFixed(0)})`;
}
