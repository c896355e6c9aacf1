import type { Choice } from "../../protocol/api.ts";
import type { Problem } from "../../protocol/errors.ts";
import type { RunEvent } from "../../protocol/events.ts";
import type { RunResults } from "../../protocol/results-schema.ts";
import { type Daemon, reachDaemon } from "../client.ts";
import { followRun, type RunEnd } from "../follow-run.ts";
import { onInterrupt } from "../interrupts.ts";
import { isTerminal } from "../is-terminal.ts";
import { type FoundLaunch, findLaunch } from "../launch.ts";
import type { Flags } from "../parse-arguments.ts";
import { passOnTerminal } from "../pass-on-terminal.ts";
import type { Project } from "../project.ts";
import { isPytestCommand } from "../pytest-command.ts";
import { describeRequester } from "../requester.ts";
import type { Circumstances, RunListeners } from "../run-listeners.ts";
import { workersWish } from "../workers-wish.ts";
import { writeAll, writeText } from "../write-output.ts";

/** One of several parts of a suite. */
export interface OwnShare {
  readonly choice: Choice | undefined;
  readonly facts: RunResults["share"];
}

type Warning = Extract<RunEvent, { type: "warning" }>;

const INTERRUPTED = 130;
// What a shell shows for a program that the closing of its pipe has ended.
const READER_GONE = 141;

/** `prewarm run`: runs once; returns the exit code, which is pytest's. Of one share only the tests of that. */
export async function run(words: readonly string[], flags: Flags, project: Project, share?: OwnShare): Promise<number> {
  if (!isPytestCommand(words))
    return (await (await import("../bundle.ts")).loadOthers()).runProgram(words, flags, project, false);
  if (flags.noDaemon === true || process.platform === "win32") {
    const { runPlain } = await import("./plain.ts");
    return runPlain(words, flags, project);
  }
  const found = await findLaunch(words, flags.python, { cwd: project.cwd, root: project.root, env: process.env });
  if (!found.ok) return fail(found.error, project);
  const list =
    flags.loadList === undefined ? undefined : (await import("../load-list.ts")).readLoadList(flags.loadList);
  if (list?.ok === false) return fail(list.error, project);
  const listeners = await chooseListeners(flags, found.value, project, share?.facts ?? null);
  if (listeners !== undefined && "code" in listeners) return fail(listeners, project);
  const reached = await reachDaemon(project, flags.ttlSeconds);
  if (!reached.ok && reached.error.code === "state-unwritable" && flags.outcomes === undefined && flags.json !== true) {
    const { runWithoutState } = await import("./plain.ts");
    return runWithoutState(reached.error, words, flags, project);
  }
  if (!reached.ok) return fail(reached.error, project);
  return await converse(reached.value, found.value, flags, project, {
    listeners,
    choice: share?.choice ?? list?.value,
  });
}

async function converse(
  daemon: Daemon,
  { launch }: FoundLaunch,
  flags: Flags,
  project: Project,
  { listeners, choice }: { readonly listeners: RunListeners | undefined; readonly choice: Choice | undefined },
): Promise<number> {
  const { connection } = daemon;
  const isNative = flags.json !== true;
  const sentMs = process.uptime() * 1000;
  connection.send({
    type: "run",
    launch,
    requester: await describeRequester(project.cwd, isNative),
    watch: false,
    all: false,
    events: listeners?.onEvent !== undefined,
    native: true,
    plain: "",
    choice,
    workers: workersWish(flags),
    settings: flags.settings,
    debugpy: flags.debugpy,
    measure: flags.detailed === true ? "times" : undefined,
  });
  let isInDebugger = false;
  const calm = onInterrupt(
    () => connection.send({ type: "interrupt" }),
    () => process.exit(INTERRUPTED),
    () => isInDebugger,
  );
  const forget = passOnTerminal((change) => connection.send({ type: "terminal", change }));
  const warnings: Warning[] = [];
  const end = await followRun(connection, {
    onOutput: (stream, bytes) => {
      listeners?.onOutput();
      return isNative ? writeAll(stream === "stdout" ? 1 : 2, bytes) : true;
    },
    onEvent: (event) => {
      if (event.type === "warning") warnings.push(event);
      if (event.type === "debugger") isInDebugger = event.place !== null;
      listeners?.onEvent?.(event);
    },
    onProgress: listeners?.onProgress,
  });
  calm();
  forget();
  if (warnings.length > 0) await warn(warnings);
  return await conclude(end, listeners, {
    ...{ sentMs, replaced: daemon.replaced, greeted: end.kind === "finished" && end.greeted },
    ttlMs: end.kind === "finished" ? end.ttlMs : 0,
    onGreeted: () => connection.send({ type: "greeted" }),
  });
}

async function conclude(end: RunEnd, listeners: RunListeners | undefined, how: Circumstances): Promise<number> {
  switch (end.kind) {
    case "finished": {
      const fault = listeners?.onFinished(end.record, how);
      if (end.problem !== null) await report(end.problem);
      if (fault !== undefined) return report(fault);
      return end.record.exit ?? end.problem?.exit ?? INTERRUPTED;
    }
    case "failed":
      listeners?.onOutput();
      return report(end.problem);
    case "left": {
      listeners?.onOutput();
      // pytest stopped in the middle of a line.
      writeText(2, "\n");
      const { daemonLeft } = await import("../daemon-left.ts");
      return report(daemonLeft(end.reason));
    }
    case "closed":
      return INTERRUPTED;
    case "reader-gone":
      return READER_GONE;
    default:
      return end satisfies never;
  }
}

// A plain run in a pipe needs none of them, and does not load them.
async function chooseListeners(
  flags: Flags,
  found: FoundLaunch,
  project: Project,
  share: RunResults["share"],
): Promise<RunListeners | Problem | undefined> {
  const showsLines = isTerminal(2) && flags.quiet !== true && !process.env.PREWARM_QUIET;
  const wantsFile = flags.outcomes !== undefined || flags.results !== undefined;
  const isBare = !showsLines && !wantsFile && flags.json !== true && flags.detailed !== true;
  if (isBare && found.choice.other === undefined) return undefined;
  const { makeListeners } = await import("../run-listeners.ts");
  return makeListeners(flags, found, project, showsLines, share);
}

async function fail(problem: Problem, project: Project): Promise<number> {
  project.connection?.close();
  return report(problem);
}

async function warn(warnings: readonly Warning[]): Promise<void> {
  const { printWarning } = await import("../../surfaces/terminal/print-problem.ts");
  const { errorScreen } = await import("../screen.ts");
  for (const warning of warnings) printWarning(warning, errorScreen());
}

async function report(problem: Problem): Promise<number> {
  const { reportProblem } = await import("../report-problem.ts");
  return reportProblem(problem);
}
