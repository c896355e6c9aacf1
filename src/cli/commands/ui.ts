import { reachDaemon } from "../client.ts";
import type { Connection } from "../connection.ts";
import { refuseSystem } from "../daemon-door.ts";
import { daemonLeft } from "../daemon-left.ts";
import { isTerminal } from "../is-terminal.ts";
import { findLaunch } from "../launch.ts";
import { openBrowser, servePage } from "../page-address.ts";
import type { Flags } from "../parse-arguments.ts";
import { greetingConnection, type Project } from "../project.ts";
import { reportProblem } from "../report-problem.ts";
import { describeServer } from "../requester.ts";
import { workersWish } from "../workers-wish.ts";
import { writeText } from "../write-output.ts";

/** `prewarm ui`: serves the page, watches for it, and opens it in a browser, until ctrl-c. */
export async function ui(words: readonly string[], flags: Flags, project: Project): Promise<number> {
  const refusal = refuseSystem("prewarm ui");
  if (refusal !== undefined) return reportProblem(refusal);
  const found = await findLaunch(words, flags.python, { cwd: project.cwd, root: project.root, env: process.env });
  if (!found.ok) return reportProblem(found.error);
  const { launch } = found.value;
  const reached = await reachDaemon(project, flags.ttlSeconds);
  if (!reached.ok) return reportProblem(reached.error);
  const { connection } = reached.value;
  const requester = await describeServer(project.cwd);
  const workers = workersWish(flags);
  process.on("SIGINT", () => connection.close());
  process.on("SIGTERM", () => connection.close());
  const port = flags.httpPort ?? 0;
  const served = await servePage(connection, { type: "serve-http", port, launch, requester, workers });
  if (!served.ok) return reportProblem(served.error);
  writeText(1, `${served.value}\n`);
  if (flags.noOpen !== true && isTerminal(1)) openBrowser(served.value, project.folder.path);
  const watch = greetingConnection(project.folder.socket);
  watch.send({
    ...{ type: "run", launch, requester, workers, watch: true, all: flags.all === true, settings: flags.settings },
    ...{ events: false, native: false, plain: "" },
  });
  void drain(watch);
  for (;;) {
    const answer = await connection.receive();
    if (answer === undefined || !("kind" in answer)) continue;
    watch.close();
    return answer.kind === "closed" ? 0 : reportProblem(daemonLeft(answer.reason));
  }
}

// Its runs are told of by the page's own events.
async function drain(watch: Connection): Promise<void> {
  for (;;) {
    const answer = await watch.receive();
    if (answer !== undefined && "kind" in answer) return;
    if (answer?.type === "failed") reportProblem(answer.problem);
  }
}
