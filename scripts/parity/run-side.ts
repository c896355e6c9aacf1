import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { runQuietly } from "./command.ts";

/** What one run of a suite came to. */
export interface SideResult {
  /** Outcomes by node id; undefined where the run wrote none. */
  readonly outcomes: ReadonlyMap<string, string> | undefined;
  /** The process's exit code; undefined where a signal or the time limit ended it. */
  readonly exitCode: number | undefined;
  /** The exit code that the outcomes file states, where it states one. */
  readonly statedExitCode: number | undefined;
  /** How prewarm says that it served the run, such as "warm" or "cold"; undefined where it was not asked. */
  readonly way: string | undefined;
  readonly durationMs: number;
  readonly timedOut: boolean;
  /** Standard output and standard error, as files. */
  readonly stdoutPath: string;
  readonly stderrPath: string;
}

/** One way to run the suite: cold with plain pytest, or warm. */
export interface Side {
  run(pytestArgs: readonly string[], limits: RunLimits): Promise<SideResult>;
}

/** Where a run's files go and how long it may take. */
export interface RunLimits {
  readonly timeoutMs: number;
  /** Folder for the run's output; made anew. */
  readonly folder: string;
}

/** What both sides share, so that they differ in the runner alone. */
export interface SideOptions {
  readonly projectRoot: string;
  /** Path of the Python interpreter. */
  readonly python: string;
  readonly environment: NodeJS.ProcessEnv;
}

const pluginFolder = join(import.meta.dirname, "plugin");

/** Runs plain pytest through its console script, as people start it. */
export function coldSide(options: SideOptions): Side {
  return {
    run: (pytestArgs, limits) => {
      const outcomesPath = join(limits.folder, "outcomes.json");
      const environment = {
        ...options.environment,
        PYTHONPATH: [pluginFolder, options.environment.PYTHONPATH].filter(Boolean).join(":"),
        PREWARM_PARITY_OUTCOMES: outcomesPath,
      };
      const command = [...pytestCommand(options.python, limits.folder), "-p", "parity_outcomes", ...pytestArgs];
      return runCommand(command, { ...options, environment }, limits, outcomesPath);
    },
  };
}

/** Runs a command given as words in which `{outcomes}` and `{python}` are filled in; pytest's arguments follow it. */
export function warmSide(options: SideOptions, commandWords: readonly string[], statusWords: readonly string[]): Side {
  return {
    run: async (pytestArgs, limits) => {
      const outcomesPath = join(limits.folder, "outcomes.json");
      const command = commandWords.map((word) =>
        word.replace("{outcomes}", outcomesPath).replace("{python}", options.python),
      );
      const result = await runCommand([...command, ...pytestArgs], options, limits, outcomesPath);
      return statusWords.length === 0 ? result : { ...result, way: await wayOfLastRun(statusWords, options) };
    },
  };
}

/** The console script beside the interpreter, or the same few lines where there is none. */
function pytestCommand(python: string, folder: string): readonly string[] {
  const script = join(dirname(python), "pytest");
  if (existsSync(script)) return [script];
  mkdirSync(join(folder, "bin"), { recursive: true });
  const own = join(folder, "bin", "pytest");
  writeFileSync(own, "import sys\nfrom pytest import console_main\nsys.exit(console_main())\n");
  return [python, own];
}

async function runCommand(
  command: readonly string[],
  options: SideOptions,
  limits: RunLimits,
  outcomesPath: string,
): Promise<SideResult> {
  mkdirSync(limits.folder, { recursive: true });
  rmSync(outcomesPath, { force: true });
  const stdoutPath = join(limits.folder, "stdout.txt");
  const stderrPath = join(limits.folder, "stderr.txt");
  const stdout = openSync(stdoutPath, "w");
  const stderr = openSync(stderrPath, "w");
  const [program = "", ...args] = command;
  const startedAt = performance.now();
  // A group of its own, so that the time limit ends the run with all that it started.
  const child = spawn(program, args, {
    cwd: options.projectRoot,
    env: options.environment,
    stdio: ["ignore", stdout, stderr],
    detached: true,
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup(child.pid);
  }, limits.timeoutMs);
  const killOnExit = (): void => killGroup(child.pid);
  process.once("exit", killOnExit);
  const exitCode = await new Promise<number | undefined>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? undefined));
  }).finally(() => {
    clearTimeout(timer);
    process.off("exit", killOnExit);
    closeSync(stdout);
    closeSync(stderr);
  });
  const durationMs = performance.now() - startedAt;
  return { ...readOutcomes(outcomesPath), way: undefined, exitCode, durationMs, timedOut, stdoutPath, stderrPath };
}

async function wayOfLastRun(statusWords: readonly string[], options: SideOptions): Promise<string | undefined> {
  const text = await runQuietly(statusWords, { cwd: options.projectRoot, environment: options.environment }).catch(
    () => "{}",
  );
  const status: unknown = JSON.parse(text);
  const record = isRecord(status) ? status.lastRecord : undefined;
  return isRecord(record) && typeof record.way === "string" ? record.way : "no daemon";
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group is gone already.
  }
}

/** Reads an outcomes file: prewarm's form, or the bare map of the cold side's plugin. */
function readOutcomes(path: string): Pick<SideResult, "outcomes" | "statedExitCode"> {
  if (!existsSync(path)) return { outcomes: undefined, statedExitCode: undefined };
  const document: unknown = JSON.parse(readFileSync(path, "utf8"));
  if (isRecord(document) && isRecord(document.outcomes) && typeof document.exit === "number") {
    return { outcomes: toMap(document.outcomes), statedExitCode: document.exit };
  }
  return { outcomes: toMap(document), statedExitCode: undefined };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function toMap(value: unknown): ReadonlyMap<string, string> {
  if (!isRecord(value)) throw new TypeError(`Expected an object of outcomes, got ${JSON.stringify(value)}.`);
  return new Map(Object.entries(value).map(([key, outcome]) => [key, String(outcome)]));
}
