// Runs on nodes of this machine beside runs of this machine, and what it takes to send a working tree. The nodes share its cores: this
// is what a node costs, and not how much sooner several machines are done.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { encodeFrame } from "../src/protocol/frames.ts";
import { TreeReader } from "../src/sync/tree-reader.ts";
import { TreeReceiver } from "../src/sync/tree-receiver.ts";
import { TreeSender } from "../src/sync/tree-sender.ts";
import { updateAll } from "../src/sync/update-all.ts";
import { basePython, cleanEnvironment } from "./environment.ts";
import { machineFacts } from "./machine.ts";
import { seriesOf } from "./statistics.ts";
import { replaceSection } from "./table.ts";

const { values } = parseArgs({
  options: { write: { type: "boolean", default: false }, rounds: { type: "string", default: "7" } },
});
const ROUNDS = Number(values.rounds);
const FILES = 2_000;
const TESTS = 600;

const folder = realpathSync(mkdtempSync(join(tmpdir(), "prewarm-nodes-")));
const project = join(folder, "project");
const python = await basePython();
const load = [loadavg()[0] ?? 0];
const rows: (readonly [what: string, result: string])[] = [];
try {
  makeProject();
  await measureTree();
  for (const [what, flags] of [
    ["this machine, one process", []],
    ["one node", ["--on", "local:1"]],
    ["three nodes", ["--on", "local:3"]],
  ] as const) {
    const run = () =>
      timeOf(["run", "--quiet", "--python", python, ...flags, "--", "pytest", "-q", "-p", "no:cacheprovider"]);
    const coldMs = run();
    const { medianMs, minMs, maxMs } = seriesOf(Array.from({ length: ROUNDS }, run));
    const range = `${minMs.toFixed(0)} to ${maxMs.toFixed(0)}`;
    rows.push([
      `warm run of ${TESTS} empty tests, ${what}`,
      `${medianMs.toFixed(0)} ms (${range}); the first ${coldMs.toFixed(0)} ms`,
    ]);
  }
} finally {
  execFileSync(process.execPath, [join(import.meta.dirname, "../bin/prewarm.js"), "stop"], place());
  rmSync(folder, { recursive: true, force: true });
}
load.push(loadavg()[0] ?? 0);
const text = [
  ...machineFacts(python).map((fact) => `- ${fact}`),
  `- ${ROUNDS} rounds, the median and the range; load average before and after ${load.map((each) => each.toFixed(1)).join(" and ")}`,
  "",
  "| | |",
  "|---|---|",
  ...rows.map(([what, result]) => `| ${what} | ${result} |`),
].join("\n");
console.log(text);
if (values.write) replaceSection(join(import.meta.dirname, "../docs/cluster.md"), "nodes", text);

function makeProject(): void {
  for (let index = 0; index < FILES; index += 1) {
    const below = join(project, `pkg${index % 40}`);
    mkdirSync(below, { recursive: true });
    const lines = Array.from(
      { length: 100 },
      (_, line) => `def f_${index}_${line}(value):\n    return value + ${line}\n`,
    );
    writeFileSync(join(below, `module_${index}.py`), lines.join("\n"));
  }
  writeFileSync(join(project, "pytest.ini"), "[pytest]\n");
  writeFileSync(
    join(project, "test_all.py"),
    `import pytest\n\n\n@pytest.mark.parametrize("number", range(${TESTS}))\ndef test_it(number):\n    pass\n`,
  );
}

/** The tree to another folder of this machine, frames included, without a connection between. */
async function measureTree(): Promise<void> {
  const reader = new TreeReader(project);
  const receiver = new TreeReceiver({ folder: join(folder, "copy") });
  let bytes = 0;
  const sender: TreeSender = new TreeSender((order) => {
    bytes += encodeFrame(order).length;
    for (const answer of receiver.take(order)) sender.take(answer);
  });
  const update = async (): Promise<string> => {
    bytes = 0;
    const started = performance.now();
    await updateAll(reader, [sender]);
    return `${(performance.now() - started).toFixed(0)} ms, ${(bytes / 1024).toFixed(0)} KiB`;
  };
  rows.push([`first sync of ${FILES} files`, await update()]);
  await update();
  writeFileSync(join(project, "pkg0/module_0.py"), "VALUE = 1\n");
  rows.push(["sync of one edit", await update()]);
  rows.push(["sync where nothing has changed", await update()]);
}

function timeOf(words: readonly string[]): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, "../bin/prewarm.js"), ...words],
    place(),
  );
  if (status !== 0) throw new Error(`Expected a run that passes, but it ended with ${status}: ${stderr}`);
  return performance.now() - started;
}

function place() {
  const env = cleanEnvironment({ PREWARM_STATE_DIR: join(folder, "state"), PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" });
  return { cwd: project, env, encoding: "utf8", stdio: "pipe" } as const;
}
