import { type Problem, problem } from "../protocol/errors.ts";
import { run } from "./commands/run.ts";
import { parseArguments } from "./parse-arguments.ts";
import { openProject, type Project } from "./project.ts";

void exactWords(process.argv.slice(2))
  .then(main)
  .catch(refuseLostFolder)
  .then((exit) => process.exit(exit));

/** One command, from its words to its exit code. Only `run` is loaded from the start: its start is most of a warm run. */
async function main(argv: readonly string[]): Promise<number> {
  // Started by prewarm itself, from another machine: no command for people.
  if (argv[0] === "node") return (await (await import("./bundle.ts")).loadNode()).node(argv.slice(1));
  const parsed = parseArguments(argv);
  if (!parsed.ok) return refuse(parsed.error);
  const command = parsed.value;
  if (isHomeless())
    return refuse(problem("path-missing", "The working directory does not exist any more.", "cd FOLDER"));
  switch (command.name) {
    case "run":
      if (command.flags.format !== undefined)
        return (await doors()).subunit("run", command.words, command.flags, open());
      if (command.flags.printWorkers === true)
        return (await insight()).printWorkers(command.words, command.flags, open());
      if (command.flags.repeat !== undefined || command.flags.untilFail === true)
        return (await insight()).repeat(command.words, command.flags, open());
      if (command.flags.shard !== undefined) return (await insight()).runShard(command.words, command.flags, open());
      return run(command.words, command.flags, open());
    case "watch":
      return (await others()).watch(command.words, command.flags, open());
    case "list":
      if (command.flags.format !== undefined)
        return (await doors()).subunit("list", command.words, command.flags, open());
      return (await others()).list(command.words, command.flags, open());
    case "serve":
      if (command.flags.stdio === undefined) return (await doors()).serveHttp(command.words, command.flags, open());
      return (await doors()).serveStdio(command.words, command.flags, open());
    case "ui":
      return (await doors()).ui(command.words, command.flags, open());
    case "mcp":
      return (await (await import("./bundle.ts")).loadMcp()).mcp(command.words, command.flags, open());
    case "stestr":
      return (await doors()).stestr(command.words, open());
    case "report":
      return (await insight()).report(command.words, command.flags, open());
    case "bench":
      return (await insight()).bench(command.count, command.words, command.flags, open());
    case "doctor":
      return (await insight()).doctor(command.words, command.flags, open());
    case "imports":
      return (await insight()).imports(command.words, command.flags, open());
    case "flaky":
      return (await insight()).flaky(command.flags, open());
    case "bisect-order":
      return (await insight()).bisectOrder(command.about, command.words, command.flags, open());
    case "merge":
      return (await insight()).merge(command.words, command.flags);
    case "why":
      return (await others()).why(command.about, open());
    case "verify":
      return (await others()).verify(command.words, command.flags, open());
    case "status":
      return (await others()).status(command.flags, open());
    case "start":
      return (await others()).start(command.flags, open());
    case "stop":
      return (await others()).stop(open());
    case "restart":
      return (await others()).restart(command.flags, open());
    case "logs":
      return (await others()).logs(command.flags, open());
    case "config":
      return (await doors()).config(command.flags, open());
    case "init":
      return (await doors()).init(open());
    case "completion":
      return (await doors()).completion(command.shell);
    case "help":
      return (await others()).help(command.topic);
    case "version":
      return (await import("./commands/version.ts")).version();
    default:
      return command satisfies never;
  }
}

async function others(): Promise<typeof import("./others.ts")> {
  return (await import("./bundle.ts")).loadOthers();
}

async function doors(): Promise<typeof import("./doors.ts")> {
  return (await import("./bundle.ts")).loadDoors();
}

async function insight(): Promise<typeof import("./insight.ts")> {
  return (await import("./bundle.ts")).loadInsight();
}

// Whoever works in a folder that another branch does not have loses it at a checkout.
function isHomeless(): boolean {
  try {
    process.cwd();
    return false;
  } catch {
    return true;
  }
}

function open(): Project {
  return openProject(process.cwd(), process.env);
}

/** Node throws where the folder of this process has been removed; nothing that follows could do without it. */
async function refuseLostFolder(error: unknown): Promise<number> {
  if (!(error instanceof Error && "syscall" in error && error.syscall === "uv_cwd")) throw error;
  const { problem } = await import("../protocol/errors.ts");
  return refuse(problem("path-missing", "The working directory does not exist any more.", "cd FOLDER"));
}

async function exactWords(words: readonly string[]): Promise<readonly string[]> {
  if (process.platform !== "linux" || !words.some((word) => word.includes("\uFFFD"))) return words;
  const exact = (await import("./exact-bytes.ts")).exactArguments(words.length);
  return exact.length === words.length ? exact : words;
}

async function refuse(problem: Problem): Promise<number> {
  const { reportProblem } = await import("./report-problem.ts");
  return reportProblem(problem);
}
