import type { ApiRequest } from "../../protocol/api.ts";
import type { Problem } from "../../protocol/errors.ts";
import { greet, reachDaemon } from "../client.ts";
import type { Connection } from "../connection.ts";
import { refuseSystem } from "../daemon-door.ts";
import { isTerminal } from "../is-terminal.ts";
import { findLaunch } from "../launch.ts";
import { openBrowser, servePage } from "../page-address.ts";
import type { Flags } from "../parse-arguments.ts";
import { greetingConnection, type Project } from "../project.ts";
import { reportProblem } from "../report-problem.ts";
import { describeServer } from "../requester.ts";
import { workersWish } from "../workers-wish.ts";
import { writeText } from "../write-output.ts";

const BETWEEN_LOOKS_MS = 300;

type Request = Extract<ApiRequest, { type: "serve-http" }>;

/** `prewarm ui`: serves the page, watches for it, and opens it in a browser, until ctrl-c. */
export async function ui(words: readonly string[], flags: Flags, project: Project): Promise<number> {
  const refusal = refuseSystem("prewarm ui");
  if (refusal !== undefined) return reportProblem(refusal);
  const found = await findLaunch(words, flags.python, { cwd: project.cwd, root: project.root, env: process.env });
  if (!found.ok) return reportProblem(found.error);
  const reached = await reachDaemon(project, flags.ttlSeconds);
  if (!reached.ok) return reportProblem(reached.error);
  const leaving = new AbortController();
  process.on("SIGINT", () => leaving.abort());
  process.on("SIGTERM", () => leaving.abort());
  let { connection } = reached.value;
  let request: Request = {
    ...{ type: "serve-http", port: flags.httpPort ?? 0, launch: found.value.launch, settings: flags.settings },
    ...{ requester: await describeServer(project.cwd), workers: workersWish(flags) },
  };
  for (let isFirst = true; ; isFirst = false) {
    const served = await servePage(connection, request);
    if (leaving.signal.aborted) return 0;
    if (!served.ok) return reportProblem(served.error);
    const { port, hash } = new URL(served.value);
    request = { ...request, port: Number(port), token: hash.slice(1) };
    if (isFirst) {
      writeText(1, `${served.value}\n`);
      if (flags.noOpen !== true && isTerminal(1)) openBrowser(served.value, project.folder.path);
    }
    await stay(connection, request, flags, project, leaving.signal);
    if (leaving.signal.aborted) return 0;
    writeText(
      2,
      "prewarm: the daemon has left · the page comes back with the next one (prewarm run) · ctrl-c ends it\n",
    );
    const next = await meetAgain(project, leaving.signal);
    if (next === undefined) return 0;
    if ("code" in next) return reportProblem(next);
    connection = next;
  }
}

/** Watches for the page, until the daemon has left or this command is to leave. */
async function stay(
  connection: Connection,
  { launch, requester, workers, settings }: Request,
  flags: Flags,
  project: Project,
  leaving: AbortSignal,
): Promise<void> {
  const watch = greetingConnection(project.folder.socket);
  watch.send({
    ...{ type: "run", launch, requester, workers, watch: true, all: flags.all === true, settings },
    ...{ events: false, native: false, plain: "" },
  });
  void drain(watch);
  const leave = () => connection.close();
  leaving.addEventListener("abort", leave);
  if (leaving.aborted) leave();
  for (;;) {
    const answer = await connection.receive();
    if (answer !== undefined && "kind" in answer) break;
  }
  leaving.removeEventListener("abort", leave);
  watch.close();
}

// Its runs are told of by the page's own events.
async function drain(watch: Connection): Promise<void> {
  for (;;) {
    const answer = await watch.receive();
    if (answer !== undefined && "kind" in answer) return;
    if (answer?.type === "failed") reportProblem(answer.problem);
  }
}

/** Waits for a daemon that somebody else starts: a page that was left open starts none. Undefined where this command is to leave. */
async function meetAgain(project: Project, leaving: AbortSignal): Promise<Connection | Problem | undefined> {
  while (!leaving.aborted) {
    const greeting = await greet(greetingConnection(project.folder.socket));
    if (greeting.kind === "ours") return greeting.connection;
    if (greeting.kind === "other") {
      greeting.connection.close();
      const reached = await reachDaemon({ ...project, connection: undefined }, undefined);
      if (!reached.ok) return reached.error;
      return reached.value.connection;
    }
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_LOOKS_MS));
  }
  return undefined;
}
