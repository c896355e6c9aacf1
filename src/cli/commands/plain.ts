import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { type Problem, problem } from "../../protocol/errors.ts";
import { formatTime } from "../../report/format-time.ts";
import { printOwnLine } from "../../surfaces/terminal/own-line.ts";
import { printWarning } from "../../surfaces/terminal/print-problem.ts";
import { findLaunch } from "../launch.ts";
import type { Flags } from "../parse-arguments.ts";
import type { Project } from "../project.ts";
import { readPytestCommand } from "../pytest-command.ts";
import { reportProblem } from "../report-problem.ts";
import { errorScreen } from "../screen.ts";

const FORWARDED = ["SIGTERM", "SIGHUP", "SIGQUIT"] as const;

/** Runs plain pytest because nothing can be kept anywhere, and says so. */
export async function runWithoutState(
  { code, sentence, next }: Problem,
  words: readonly string[],
  flags: Flags,
  project: Project,
): Promise<number> {
  printWarning({ code, text: `${sentence.slice(0, -1)}: this is plain pytest.`, next }, errorScreen());
  return runPlain(words, flags, project);
}

interface PlainCommand {
  readonly program: string;
  readonly args: readonly string[];
}

/** Runs plain pytest with the streams of this command, and returns its exit code: 128 + the signal where one ended it. */
export async function runPlain(words: readonly string[], flags: Flags, project: Project): Promise<number> {
  project.connection?.close();
  const isWindows = process.platform === "win32";
  const needing =
    (flags.outcomes !== undefined && "--outcomes") ||
    (flags.json && "--json") ||
    (flags.loadList !== undefined && "--load-list");
  if (needing) {
    const sentence = isWindows
      ? `\`${needing}\` needs the daemon, and Windows has no fork to build it on.`
      : `\`${needing}\` needs the daemon, which \`--no-daemon\` leaves out.`;
    return reportProblem(problem("not-supported", sentence, "prewarm run --no-daemon -- pytest --junitxml=FILE"));
  }
  const command = isWindows ? windowsCommand(words, flags, project) : await unixCommand(words, flags, project);
  if (typeof command === "number") return command;
  const child = spawn(command.program, command.args, { stdio: "inherit", cwd: project.cwd });
  const exit = await ended(child);
  const isQuiet = flags.quiet === true || Boolean(process.env.PREWARM_QUIET) || !errorScreen().isScreen;
  if (isWindows && !isQuiet) {
    const total = formatTime(process.uptime() * 1000);
    printOwnLine(`plain pytest ${total} · no warm run: Windows has no fork`, errorScreen());
  }
  return exit;
}

async function unixCommand(words: readonly string[], flags: Flags, project: Project): Promise<PlainCommand | number> {
  const found = await findLaunch(words, flags.python, { cwd: project.cwd, root: project.root, env: process.env });
  if (!found.ok) return reportProblem(found.error);
  const { python, script, isModule, args } = found.value.launch;
  const isScript = !isModule && existsSync(script);
  return { program: python, args: isScript ? [script, ...args] : ["-m", "pytest", ...args] };
}

function windowsCommand(words: readonly string[], flags: Flags, project: Project): PlainCommand | number {
  const read = readPytestCommand(words);
  if (!read.ok) return reportProblem(read.error);
  const active = process.env.VIRTUAL_ENV;
  const environments = [active, join(project.cwd, ".venv"), join(project.root, ".venv"), join(project.root, "venv")];
  const inEnvironment = environments
    .filter((folder) => folder !== undefined)
    .map((folder) => join(folder, "Scripts", "python.exe"))
    .find((file) => existsSync(file));
  const program = flags.python ?? (process.env.PREWARM_PYTHON || undefined) ?? read.value.python ?? inEnvironment;
  return { program: program ?? "python", args: ["-m", "pytest", ...read.value.args] };
}

function ended(child: ChildProcess): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  // A terminal sends ctrl-c to pytest as well: this command only waits for it.
  process.on("SIGINT", () => {});
  for (const signal of FORWARDED) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => resolve(reportProblem(problem("no-python", `${error.message}.`, "prewarm run --help"))));
  child.on("exit", (code, signal) => resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]));
  return promise;
}
