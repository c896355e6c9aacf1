import { greet, reachDaemon } from "../client.ts";
import type { Flags } from "../parse-arguments.ts";
import { greetingConnection, type Project } from "../project.ts";
import { reportProblem } from "../report-problem.ts";
import { killSilentDaemon, stopDaemon } from "../stop-daemon.ts";
import { writeText } from "../write-output.ts";

/** `prewarm stop`: ends the project's daemon and everything that it holds. */
export async function stop(project: Project): Promise<number> {
  if (project.refusal !== undefined) return reportProblem(project.refusal);
  const pid = await endDaemon(project);
  writeText(1, pid === undefined ? "no daemon runs for this project\n" : `daemon ${pid} has left\n`);
  return 0;
}

/** `prewarm restart`: a new daemon in place of the old one; it holds nothing yet. */
export async function restart(flags: Flags, project: Project): Promise<number> {
  if (project.refusal !== undefined) return reportProblem(project.refusal);
  await endDaemon(project);
  return reach(flags, { ...project, connection: greetingConnection(project.folder.socket) }, "has started");
}

/** `prewarm start`: a daemon of this version, unless it runs already; an older one is replaced. */
export async function start(flags: Flags, project: Project): Promise<number> {
  return reach(flags, project, "runs");
}

async function reach(flags: Flags, project: Project, what: string): Promise<number> {
  const reached = await reachDaemon(project, flags.ttlSeconds, flags.idlePercent);
  if (!reached.ok) return reportProblem(reached.error);
  reached.value.connection.close();
  writeText(1, `daemon ${reached.value.pid} ${what}\n`);
  return 0;
}

/** Ends a daemon of any version; returns its process id, or undefined where there was none. */
async function endDaemon({ connection, folder }: Project): Promise<number | undefined> {
  if (connection === undefined) return undefined;
  const greeting = await greet(connection);
  switch (greeting.kind) {
    case "nobody":
      return undefined;
    case "silent":
      return killSilentDaemon(folder);
    case "ours":
    case "other":
      await stopDaemon(greeting.connection);
      return greeting.hello.pid;
    default:
      return greeting satisfies never;
  }
}
