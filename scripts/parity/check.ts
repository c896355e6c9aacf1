import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { compareSides, type Difference, isSameResult } from "./compare.ts";
import { EditSequence, type Step } from "./edit-sequence.ts";
import { keepEvidence } from "./evidence.ts";
import { firstOutputDifference } from "./output.ts";
import { ProjectTree } from "./project-tree.ts";
import { coldSide, type Side, type SideOptions, type SideResult, warmSide } from "./run-side.ts";
import { skippedLine, stepLines } from "./step-line.ts";
import { copySubject, type Selection, type Subject } from "./subjects.ts";

/** What to check, and how. */
export interface CheckOptions {
  readonly subject: Subject;
  /** Interpreter of the environment that has pytest and the subject's packages. */
  readonly python: string;
  readonly edits: number;
  readonly seed: string;
  /** Words of the warm command, with `{outcomes}` and `{python}`. */
  readonly warmCommand: readonly string[];
  /** Words of the command that ends what the warm command left running; empty for none. */
  readonly stopCommand: readonly string[];
  /** Words of the command that tells as JSON how the last warm run was served; empty for none. */
  readonly statusCommand: readonly string[];
  readonly cacheHome: string;
  /** Folder for the evidence of differences. */
  readonly evidenceFolder: string;
  /** Folder in which the copy is made. */
  readonly temporaryFolder: string;
  /** Edits up to this one are made without running anything. */
  readonly skipTo: number;
  /** Leaves out the first and last run of the whole suite. */
  readonly skipWhole: boolean;
  readonly print: (line: string) => void;
}

/** What a check came to. */
export interface CheckResult {
  readonly comparisons: number;
  readonly differences: number;
  /** Comparisons in which pytest printed something else, times and addresses left aside. */
  readonly outputDifferences: number;
  /** Comparisons whose cold outcomes differed from the former step's: edits that the suite noticed. */
  readonly noticed: number;
  /** Steps without a comparison, since plain pytest did not end in time. */
  readonly skipped: number;
  /** Outcomes of the cold runs, all steps together, and how many of them were "passed". */
  readonly outcomes: number;
  readonly passed: number;
  /** Comparisons whose warm side was served from loaded processes, as prewarm states it. */
  readonly servedWarm: number;
  readonly coldMs: number;
  readonly warmMs: number;
}

/** Runs the subject cold and warm, at first and after each edit, and compares every time. */
export async function checkParity(options: CheckOptions): Promise<CheckResult> {
  const folder = mkdtempSync(join(options.temporaryFolder, "parity-"));
  const root = join(folder, "p");
  const environment = environmentOf(folder, root, options.subject.pythonPath ?? []);
  // Once, after the check or when a signal ends it: no daemon and no copy stays behind.
  const cleanUp = (): void => {
    process.off("exit", cleanUp);
    stopWarmSide(options, root, environment);
    rmSync(folder, { recursive: true, force: true });
  };
  process.on("exit", cleanUp);
  try {
    await copySubject(options.subject, options.python, options.cacheHome, root);
    return await new Check(options, folder, new ProjectTree(root), environment).run();
  } finally {
    cleanUp();
  }
}

function stopWarmSide(options: CheckOptions, root: string, environment: NodeJS.ProcessEnv): void {
  const [program, ...args] = options.stopCommand;
  if (program === undefined || !existsSync(root)) return;
  const { status, stderr } = spawnSync(program, args, { cwd: root, env: environment, encoding: "utf8" });
  if (status !== 0) options.print(`The stop command exited with ${status}: ${stderr.trim()}`);
}

class Check {
  readonly #options: CheckOptions;
  readonly #folder: string;
  readonly #tree: ProjectTree;
  readonly #cold: Side;
  readonly #warm: Side;
  readonly #whole: Selection;
  readonly #sequence: EditSequence;
  readonly #formerCold = new Map<string, SideResult>();
  #runs = 0;
  #result: CheckResult = {
    comparisons: 0,
    differences: 0,
    outputDifferences: 0,
    noticed: 0,
    skipped: 0,
    outcomes: 0,
    passed: 0,
    servedWarm: 0,
    coldMs: 0,
    warmMs: 0,
  };

  constructor(options: CheckOptions, folder: string, tree: ProjectTree, environment: NodeJS.ProcessEnv) {
    this.#options = options;
    this.#folder = folder;
    this.#tree = tree;
    const { subject, seed } = options;
    this.#whole = { pytestArgs: subject.pytestArgs, scope: [] };
    this.#sequence = new EditSequence(tree, seed, subject.selections.length > 0 ? subject.selections : [this.#whole]);
    const sides: SideOptions = { projectRoot: tree.root, python: options.python, environment };
    this.#cold = coldSide(sides);
    this.#warm = warmSide(sides, options.warmCommand, options.statusCommand);
  }

  async run(): Promise<CheckResult> {
    const { edits } = this.#options;
    const whole = this.#whole;
    const sequence = this.#sequence;
    const wholeLimitMs = 1_800_000;
    if (!this.#options.skipWhole) await this.#start(whole, wholeLimitMs);
    for (let edit = 1; edit <= edits; edit += 1) {
      const step = sequence.next();
      if (edit < this.#options.skipTo) continue;
      const ended = await this.#compare(step, this.#editLimitMs(step.selection));
      if (!ended) sequence.undoLast();
    }
    sequence.undoAll();
    if (!this.#options.skipWhole) {
      const last: Step = { number: edits + 1, kind: "all-undone", note: "", selection: whole, warmFirst: true };
      await this.#compare(last, wholeLimitMs);
    }
    return this.#result;
  }

  /** The first run starts the daemon, the second finds it warm; one cold run serves both. */
  async #start(whole: Selection, limitMs: number): Promise<void> {
    const step: Step = { number: 0, kind: "first-run", note: "", selection: whole, warmFirst: false };
    const cold = await this.#runSide(this.#cold, "cold", step, limitMs);
    const first = await this.#runSide(this.#warm, "warm", step, limitMs);
    await this.#judge(step, cold, first, limitMs);
    const again = { ...step, kind: "run-again" };
    await this.#judge(again, cold, await this.#runSide(this.#warm, "warm", again, limitMs), limitMs);
  }

  /** False where plain pytest did not end in time, so that there is nothing to compare with. */
  async #compare(step: Step, limitMs: number): Promise<boolean> {
    // The warm side straight after the edit has had no time to prepare; after the cold run it has had plenty.
    const warmFirst = step.warmFirst ? await this.#runSide(this.#warm, "warm", step, limitMs) : undefined;
    const cold = await this.#runSide(this.#cold, "cold", step, limitMs);
    if (cold.timedOut || cold.exitCode === undefined) {
      this.#result = { ...this.#result, skipped: this.#result.skipped + 1 };
      this.#options.print(skippedLine(step, cold));
      return false;
    }
    const warm = warmFirst ?? (await this.#runSide(this.#warm, "warm", step, limitMs));
    await this.#judge(step, cold, warm, limitMs);
    return true;
  }

  async #judge(step: Step, cold: SideResult, warm: SideResult, limitMs: number): Promise<void> {
    const found = compareSides(cold, warm);
    const output = firstOutputDifference(cold, warm);
    const isClean = found.length === 0 && output === undefined;
    const steady = isClean
      ? { differences: found, output }
      : await this.#withoutUnsteady(found, output, step, cold, warm, limitMs);
    const { differences, output: outputDifference } = steady;
    const selectionKey = step.selection.pytestArgs.join("\0");
    const noticed = !isSameResult(this.#formerCold.get(selectionKey), cold);
    this.#formerCold.set(selectionKey, cold);
    const former = this.#result;
    this.#result = {
      comparisons: former.comparisons + 1,
      differences: former.differences + (differences.length > 0 ? 1 : 0),
      outputDifferences: former.outputDifferences + (outputDifference === undefined ? 0 : 1),
      noticed: former.noticed + (noticed ? 1 : 0),
      skipped: former.skipped,
      outcomes: former.outcomes + (cold.outcomes?.size ?? 0),
      passed: former.passed + countPassed(cold),
      servedWarm: former.servedWarm + (warm.way === "warm" || warm.way === "resumed" ? 1 : 0),
      coldMs: former.coldMs + cold.durationMs,
      warmMs: former.warmMs + warm.durationMs,
    };
    const disagrees = differences.length > 0 || outputDifference !== undefined;
    const evidence = disagrees
      ? keepEvidence(this.#options, {
          step,
          cold,
          warm,
          differences,
          tree: this.#tree,
          editedPaths: this.#sequence.editedPaths(),
        })
      : undefined;
    const verdict = { differences, unsteady: found.length - differences.length, outputDifference, evidence };
    for (const line of stepLines(step, cold, warm, verdict)) this.#options.print(line);
  }

  /** Leaves out what differs between cold runs of the same files too: such a test proves nothing about a runner. */
  async #withoutUnsteady(
    found: readonly Difference[],
    foundOutput: string | undefined,
    step: Step,
    cold: SideResult,
    warm: SideResult,
    limitMs: number,
  ): Promise<{ readonly differences: readonly Difference[]; readonly output: string | undefined }> {
    let differences = found;
    let output = foundOutput;
    for (let attempt = 0; attempt < 2 && (differences.length > 0 || output !== undefined); attempt += 1) {
      const again = await this.#runSide(this.#cold, "cold-again", step, limitMs);
      const unsteady = new Set(
        compareSides(cold, { ...again, outcomes: again.outcomes ?? new Map() }).map(({ key }) => key),
      );
      const stillDifferent = new Set(compareSides(again, warm).map(({ key }) => key));
      differences = differences.filter(({ key }) => !unsteady.has(key) && stillDifferent.has(key));
      if (firstOutputDifference(cold, again) !== undefined) output = undefined;
    }
    return { differences, output };
  }

  async #runSide(side: Side, name: string, step: Step, timeoutMs: number): Promise<SideResult> {
    this.#tree.removeLeftovers();
    this.#runs += 1;
    const folder = join(this.#folder, "runs", `${this.#runs}-${name}`);
    return side.run(["-p", "no:cacheprovider", ...step.selection.pytestArgs], { folder, timeoutMs });
  }

  #editLimitMs(selection: Selection): number {
    const former = this.#formerCold.get(selection.pytestArgs.join("\0"));
    return former === undefined ? 300_000 : Math.max(60_000, 8 * former.durationMs);
  }
}

/** What both sides run with: no byte code is written, and hashes do not depend on the process. */
function environmentOf(folder: string, root: string, pythonPath: readonly string[]): NodeJS.ProcessEnv {
  const environment = { ...process.env };
  for (const name of ["PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTHONPATH", "PYTHONPYCACHEPREFIX", "VIRTUAL_ENV"])
    delete environment[name];
  if (pythonPath.length > 0) environment.PYTHONPATH = pythonPath.map((path) => join(root, path)).join(":");
  return { ...environment, PYTHONDONTWRITEBYTECODE: "1", PYTHONHASHSEED: "0", PREWARM_STATE_DIR: join(folder, "s") };
}

function countPassed(result: SideResult): number {
  return [...(result.outcomes?.values() ?? [])].filter((outcome) => outcome === "passed").length;
}

/** True where most tests do not pass with plain pytest either: such a suite cannot show that warm runs are right. */
export function isWeak(result: CheckResult): boolean {
  return result.passed < 0.5 * result.outcomes || result.outcomes === 0;
}
