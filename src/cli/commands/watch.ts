import { resolve } from "node:path";
import type { Result } from "../../base/result.ts";
import type { Launch } from "../../protocol/api.ts";
import { type Problem, problem } from "../../protocol/errors.ts";
import type { RunEvent } from "../../protocol/events.ts";
import { Outcomes, writeOutcomesFile } from "../../surfaces/files/outcomes-file.ts";
import { printOwnLine } from "../../surfaces/terminal/own-line.ts";
import type { WatchSurface } from "../../surfaces/terminal/watch-surface.ts";
import { reachDaemon } from "../client.ts";
import type { Connection } from "../connection.ts";
import { daemonLeft } from "../daemon-left.ts";
import { followRun } from "../follow-run.ts";
import { isTerminal } from "../is-terminal.ts";
import { findLaunch } from "../launch.ts";
import type { Flags } from "../parse-arguments.ts";
import { passOnTerminal } from "../pass-on-terminal.ts";
import { greetingConnection, type Project } from "../project.ts";
import { isPytestCommand } from "../pytest-command.ts";
import { reportProblem } from "../report-problem.ts";
import { describeRequester, describeServer } from "../requester.ts";
import { errorScreen } from "../screen.ts";
import { chooseForm } from "../watch-form.ts";
import { describeWatch, openSurface } from "../watch-surfaces.ts";
import { workersWish } from "../workers-wish.ts";
import { writeText } from "../write-output.ts";

const INTERRUPTED = 130;
const READER_GONE = 141;

/** `prewarm -- pytest ARGS`: runs, and again on every save and every choice, until `q`, or ctrl-c while nothing runs. */
export async function watch(words: readonly string[], flags: Flags, project: Project): Promise<number> {
  if (!isPytestCommand(words)) return (await import("./program.ts")).runProgram(words, flags, project, true);
  if (process.platform === "win32") {
    const next = "prewarm run -- pytest      (plain pytest, once)";
    return reportProblem(problem("not-supported", "Watching needs the daemon, and Windows has no fork.", next));
  }
  const found = await findLaunch(words, flags.python, { cwd: project.cwd, root: project.root, env: process.env });
  if (!found.ok) return reportProblem(found.error);
  const { launch } = found.value;
  const isInteractive = isTerminal(0) && isTerminal(1);
  const form = chooseForm(flags, launch.args, { isInteractive, env: process.env });
  const reached = await reachDaemon(project, flags.ttlSeconds);
  if (!reached.ok) return reportProblem(reached.error);
  const { connection } = reached.value;
  const isNative = form === "native";
  connection.send({
    type: "run",
    launch,
    requester: await describeRequester(project.cwd, isNative, form === "screen"),
    watch: true,
    all: flags.all === true,
    events: true,
    native: isNative,
    plain: "",
    workers: workersWish(flags),
    settings: flags.settings,
  });
  if (isNative && flags.quiet !== true && errorScreen().isScreen) {
    const facts = describeWatch(found.value, project, flags)
      .join(" · ")
      .replace(/^prewarm /, "");
    printOwnLine(`${facts} · ctrl-c ends it`, errorScreen());
  }
  const surface = openSurface(form, flags, found.value, project, {
    send: (request) => connection.send(request),
    quit: () => connection.close(),
    openPage: pageOpener(launch, flags, project),
  });
  try {
    return await followRuns(connection, surface, flags, project);
  } finally {
    surface.close();
  }
}

/** Serves the page of this watch when it is first asked for, for as long as the watch goes on. */
function pageOpener(launch: Launch, flags: Flags, project: Project): () => Promise<string> {
  let page: Promise<Result<string, Problem>> | undefined;
  return async () => {
    const { openBrowser, servePage } = await import("../page-address.ts");
    const requester = await describeServer(project.cwd);
    page ??= servePage(greetingConnection(project.folder.socket), {
      ...{ type: "serve-http", port: 0, launch, requester, workers: workersWish(flags) },
      settings: flags.settings,
    });
    const served = await page;
    if (!served.ok) return served.error.sentence;
    openBrowser(served.value, project.folder.path);
    return served.value;
  };
}

async function followRuns(
  connection: Connection,
  surface: WatchSurface,
  flags: Flags,
  project: Project,
): Promise<number> {
  let isInterrupted = false;
  /** What undoes the passing on of signals, while a test is in a debugger. */
  let leaveDebugger: (() => void) | undefined;
  process.on("SIGINT", () => {
    if (leaveDebugger !== undefined) {
      connection.send({ type: "interrupt" });
      return;
    }
    if (isInterrupted) process.exit(INTERRUPTED);
    if (!surface.isRunning) connection.close();
    else connection.send({ type: "interrupt" });
    isInterrupted = surface.isRunning;
  });
  for (;;) {
    const outcomes = new Outcomes();
    const end = await followRun(connection, {
      onOutput: (stream, bytes) => surface.output(stream, bytes),
      onProgress: (text) => surface.progress(text),
      onEvent: (event: RunEvent) => {
        if (flags.json === true) writeText(1, `${JSON.stringify(event)}\n`);
        outcomes.add(event);
        if (event.type === "debugger") {
          leaveDebugger?.();
          const tell: Parameters<typeof passOnTerminal>[0] = (change) => connection.send({ type: "terminal", change });
          leaveDebugger = event.place === null ? undefined : passOnTerminal(tell);
        }
        surface.take(event);
      },
    });
    isInterrupted = false;
    leaveDebugger?.();
    leaveDebugger = undefined;
    switch (end.kind) {
      case "finished":
        surface.end(end.record, end.problem);
        if (end.record.exit !== null) writeOutcomes(outcomes, end.record.exit, flags, project);
        break;
      case "failed":
        surface.close();
        return reportProblem(end.problem);
      case "left":
        surface.close();
        return reportProblem(daemonLeft(end.reason));
      case "closed":
        return surface.exit;
      case "reader-gone":
        return READER_GONE;
      default:
        return end satisfies never;
    }
  }
}

function writeOutcomes(outcomes: Outcomes, exit: number, flags: Flags, project: Project): void {
  if (flags.outcomes === undefined) return;
  const path = resolve(project.cwd, flags.outcomes);
  try {
    writeOutcomesFile(path, outcomes.toText(exit));
  } catch (error) {
    const sentence = `The outcomes file ${path} cannot be written (${String(error)}).`;
    reportProblem(problem("outcomes-file", sentence, "prewarm --outcomes FILE -- pytest"));
  }
}
