// Random edits of a copy of a real project beside a watch that stays: after each of them, every outcome that the watch stands by, also
// those of tests that it did not run again, has to be that of a cold plain pytest.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { NodeId } from "../src/protocol/ids.ts";
import type { RunView } from "../src/report/run-view.ts";
import { snapshotBuild } from "./parity/build-snapshot.ts";
import { EditSequence, type Step } from "./parity/edit-sequence.ts";
import { cacheHome, prepareEnvironment } from "./parity/environments.ts";
import { type Options, parseOptions } from "./parity/options.ts";
import { ProjectTree } from "./parity/project-tree.ts";
import { coldSide, type SideResult } from "./parity/run-side.ts";
import { copySubject } from "./parity/subjects.ts";
import { WatchSide } from "./parity/watch-side.ts";

const USAGE = `Usage: node scripts/watch-fuzz.ts SUBJECT [options of scripts/parity.ts]
  the first --select, or the subject's first selection, is what the watch watches
  --workers N   the watch shares its tests among N workers
  the evidence of a difference is kept in --evidence, or in a temporary folder
`;

async function main(argv: readonly string[]): Promise<number> {
  if (argv.length === 0 || argv.includes("--help")) {
    process.stdout.write(USAGE);
    return argv.length === 0 ? 2 : 0;
  }
  return fuzz(parseOptions(argv));
}

async function fuzz(options: Options): Promise<number> {
  const [subject] = options.subjects;
  const [version = "newest"] = options.pytestVersions;
  if (subject === undefined) return 2;
  const selection = subject.selections[0] ?? { pytestArgs: subject.pytestArgs, scope: [] };
  const base = options.python ?? "python3";
  const python = version === "as-is" ? base : await prepareEnvironment(base, version, subject.packages);
  const folder = mkdtempSync(join(tmpdir(), "watch-fuzz-"));
  const root = join(folder, "p");
  const environment = {
    ...process.env,
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONHASHSEED: "0",
    PYTHONPATH: (subject.pythonPath ?? []).map((path) => join(root, path)).join(":"),
    PREWARM_STATE_DIR: join(folder, "s"),
  };
  const prewarm = snapshotBuild(dirname(import.meta.dirname), tmpdir());
  const sides = { projectRoot: root, python, environment };
  const evidenceFolder = options.evidenceFolder ?? join(tmpdir(), `watch-fuzz-evidence-${process.pid}`);
  // Once, at the end or when a signal comes: no daemon and no copy stays behind.
  const cleanUp = () => {
    process.off("exit", cleanUp);
    spawnSync(process.execPath, [prewarm, "stop"], { cwd: root, env: environment, stdio: "ignore" });
    rmSync(folder, { recursive: true, force: true });
  };
  process.on("exit", cleanUp);
  let differences = 0;
  let ran = 0;
  let kept = 0;
  let shared = 0;
  try {
    await copySubject(subject, python, cacheHome(), root);
    const tree = new ProjectTree(root);
    const sequence = new EditSequence(tree, options.seed, [selection]);
    const args = ["-p", "no:cacheprovider", ...selection.pytestArgs];
    process.stdout.write(`watch-fuzz: ${subject.name}, seed ${options.seed}, pytest ${args.join(" ")}\n`);
    const flags = options.workers === "" ? [] : ["-n", options.workers];
    await using watch = new WatchSide(process.execPath, prewarm, args, sides, flags);
    await watch.settled();
    for (let edit = 1; edit <= options.edits; edit += 1) {
      const logged = watch.log.length;
      const step = sequence.next();
      const view = await watch.settled();
      const cold = await coldSide(sides).run(args, { folder: join(folder, `r${edit}`), timeoutMs: 600_000 });
      const wrong = compare(cold, view);
      const counts = countRun(view);
      ran += counts.ran;
      kept += counts.kept;
      const workers = view.run?.workers ?? 1;
      if (workers > 1) shared += 1;
      const line = `${workers > 1 ? `${workers} workers, ` : ""}${counts.ran} ran, ${counts.kept} kept, ${counts.outdated} outdated`;
      process.stdout.write(
        `${String(edit).padStart(4)}  ${step.kind.padEnd(18)} ${step.note.slice(0, 90)}  ${line}  ${wrong.length === 0 ? "ok" : "DIFFERENT"}\n`,
      );
      if (wrong.length === 0) continue;
      differences += 1;
      for (const each of wrong.slice(0, 10)) process.stdout.write(`      ${each}\n`);
      const log = watch.log.slice(logged);
      for (const event of log) process.stdout.write(`      | ${event.slice(0, 500)}\n`);
      const place = join(evidenceFolder, `${subject.name}-${options.seed}-step-${edit}-${step.kind}`);
      keepEvidence(place, { step, cold, view, wrong, log, tree, edited: sequence.editedPaths() });
      process.stdout.write(`      ${wrong.length} differences, evidence: ${place}\n`);
    }
  } finally {
    cleanUp();
  }
  const parallel = options.workers !== "" ? `${shared} runs with several workers, ` : "";
  process.stdout.write(
    `watch-fuzz: ${options.edits} edits, ${differences} differences, ${ran} tests ran, ${kept} kept their outcome, ${parallel}seed ${options.seed}\n`,
  );
  if (ran === 0) process.stdout.write("watch-fuzz: no test ran after an edit, which proves nothing\n");
  return differences > 0 || ran === 0 ? 1 : 0;
}

/** Writes what both sides say, what the watch told, and the edited files as they were. */
function keepEvidence(
  folder: string,
  found: {
    readonly step: Step;
    readonly cold: SideResult;
    readonly view: RunView;
    readonly wrong: readonly string[];
    readonly log: readonly string[];
    readonly tree: ProjectTree;
    readonly edited: readonly string[];
  },
): void {
  mkdirSync(folder, { recursive: true });
  const { step, cold, view, wrong, log, tree, edited } = found;
  const facts = [`edit: ${step.kind} ${step.note}`, `edited files: ${edited.join(" ")}`];
  writeFileSync(join(folder, "differences.txt"), `${[...facts, "", ...wrong, "", ...log].join("\n")}\n`);
  writeFileSync(
    join(folder, "cold.json"),
    `${JSON.stringify(Object.fromEntries(cold.outcomes ?? []), undefined, 1)}\n`,
  );
  const watched = [...view.tests].map(([id, { outcome, isOutdated }]) => [id, isOutdated ? "outdated" : outcome]);
  writeFileSync(join(folder, "watch.json"), `${JSON.stringify(Object.fromEntries(watched), undefined, 1)}\n`);
  copyFileSync(cold.stdoutPath, join(folder, "cold-stdout.txt"));
  for (const path of edited.filter((each) => tree.exists(each))) {
    mkdirSync(dirname(join(folder, "edited", path)), { recursive: true });
    copyFileSync(join(tree.root, path), join(folder, "edited", path));
  }
}

/** What the watch stands by and a cold run contradicts. */
function compare(cold: SideResult, { tests, run }: RunView): readonly string[] {
  const outcomes = cold.outcomes ?? new Map<string, string>();
  const isWhole = (cold.exitCode === 0 || cold.exitCode === 1) && ![...outcomes.keys()].some(isCollection);
  const wrong: string[] = [];
  for (const [id, { outcome, isOutdated }] of tests) {
    if (isOutdated || outcome === undefined) continue;
    const truth = outcomes.get(id);
    if (truth !== undefined ? truth !== outcome : isWhole)
      wrong.push(`${id}: watch ${outcome}, cold ${truth ?? "absent"}`);
  }
  if (!isWhole) return wrong;
  const isBroken = (run?.broken.length ?? 0) > 0;
  for (const [id, truth] of outcomes)
    if (!tests.has(id as NodeId) && !isBroken) wrong.push(`${id}: watch knows nothing, cold ${truth}`);
  if (isBroken) wrong.push("the watch has a collection error, the cold run has none");
  return wrong;
}

function isCollection(key: string): boolean {
  return key.startsWith("collect:");
}

function countRun({ tests, run }: RunView): { readonly ran: number; readonly kept: number; readonly outdated: number } {
  const counts = { ran: 0, kept: 0, outdated: 0 };
  for (const test of tests.values()) {
    if (test.isOutdated) counts.outdated += 1;
    else if (test.run === run?.number) counts.ran += 1;
    else counts.kept += 1;
  }
  return counts;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
process.exitCode = await main(process.argv.slice(2));
