import { basename } from "node:path";
import { VERSION } from "../../base/version.ts";
import { problem } from "../../protocol/errors.ts";
import { printOwnLine } from "../../surfaces/terminal/own-line.ts";
import { reachDaemon } from "../client.ts";
import type { Connection } from "../connection.ts";
import { daemonLeft } from "../daemon-left.ts";
import { followRun } from "../follow-run.ts";
import { onInterrupt } from "../interrupts.ts";
import { type FoundLaunch, findLaunch } from "../launch.ts";
import { type Flags, shellWords } from "../parse-arguments.ts";
import type { Project } from "../project.ts";
import { environmentName } from "../python/find-python.ts";
import { reportProblem } from "../report-problem.ts";
import { describeRequester } from "../requester.ts";
import { errorScreen } from "../screen.ts";
import { isQuiet, WatchedRun } from "../watched-run.ts";
import { writeAll } from "../write-output.ts";

const INTERRUPTED = 130;
const READER_GONE = 141;

/** `prewarm -- pytest ARGS`: runs, and again on every save, until ctrl-c while nothing runs. */
export async function watch(words: readonly string[], flags: Flags, project: Project): Promise<number> {
  if (process.platform === "win32") {
    const next = "prewarm run -- pytest      (plain pytest, once)";
    return reportProblem(problem("not-supported", "Watching needs the daemon, and Windows has no fork.", next));
  }
  const found = await findLaunch(words, flags.python, { cwd: project.cwd, root: project.root, env: process.env });
  if (!found.ok) return reportProblem(found.error);
  const reached = await reachDaemon(project, flags.ttlSeconds);
  if (!reached.ok) return reportProblem(reached.error);
  const { connection } = reached.value;
  printHead(found.value, flags, project);
  connection.send({
    type: "run",
    launch: found.value.launch,
    requester: await describeRequester(project.cwd, flags.json !== true),
    watch: true,
    events: true,
    native: true,
    plain: "",
  });
  return await followRuns(connection, flags, project);
}

async function followRuns(connection: Connection, flags: Flags, project: Project): Promise<number> {
  for (let isRunning = true; ; isRunning = false) {
    // The first run begins with the request; each later one with an edit.
    const watched = new WatchedRun(flags, isRunning);
    const calm = onInterrupt(
      () => (watched.isRunning ? connection.send({ type: "interrupt" }) : process.exit(0)),
      () => process.exit(INTERRUPTED),
    );
    const end = await followRun(connection, {
      onOutput: (stream, bytes) => flags.json === true || writeAll(stream === "stdout" ? 1 : 2, bytes),
      onEvent: (event) => watched.take(event),
    });
    calm();
    switch (end.kind) {
      case "finished":
        watched.end(end.record, project);
        if (end.problem !== null) reportProblem(end.problem);
        break;
      case "failed":
        return reportProblem(end.problem);
      case "left":
        return reportProblem(daemonLeft(end.reason));
      case "closed":
        return INTERRUPTED;
      case "reader-gone":
        return READER_GONE;
      default:
        return end satisfies never;
    }
  }
}

function printHead({ launch, choice }: FoundLaunch, flags: Flags, { root, cwd }: Project): void {
  if (isQuiet(flags) || !errorScreen().isScreen) return;
  const { version, python } = choice.used;
  const command = shellWords([launch.isModule ? "python -m pytest" : "pytest", ...launch.args]).replaceAll("'", "");
  const environment = `${environmentName(python, cwd)}${version === undefined ? "" : ` Python ${version}`}`;
  printOwnLine(`${VERSION} · ${basename(root)} · ${command} · ${environment} · ctrl-c ends it`, errorScreen());
}
