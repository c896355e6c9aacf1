import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { reachDaemon } from "../client.ts";
import type { Connection } from "../connection.ts";
import { refuseSystem } from "../daemon-door.ts";
import { daemonLeft } from "../daemon-left.ts";
import { isTerminal } from "../is-terminal.ts";
import { findLaunch } from "../launch.ts";
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
  connection.send({ type: "serve-http", port: flags.httpPort ?? 0, launch, requester, workers });
  let watch: Connection | undefined;
  const leave = (): void => {
    watch?.close();
    connection.close();
  };
  process.on("SIGINT", leave);
  process.on("SIGTERM", leave);
  for (;;) {
    const answer = await connection.receive();
    if (answer === undefined) continue;
    if ("kind" in answer) return answer.kind === "closed" ? 0 : reportProblem(daemonLeft(answer.reason));
    if (answer.type === "failed") return reportProblem(answer.problem);
    if (answer.type !== "serving") continue;
    const address = `${answer.url}/#${answer.token}`;
    writeText(1, `${address}\n`);
    if (flags.noOpen !== true && isTerminal(1)) openBrowser(address, project.folder.path);
    watch = greetingConnection(project.folder.socket);
    watch.send({
      ...{ type: "run", launch, requester, workers, watch: true, all: flags.all === true },
      ...{ events: false, native: false, plain: "" },
    });
    void drain(watch);
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

/**
 * The token must not stand on a command line, which everybody on this machine can read: the browser gets a file that only
 * this person may read, and that leads on.
 */
function openBrowser(address: string, folder: string): void {
  const hasScreen = process.platform === "darwin" || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
  if (!hasScreen) return;
  const file = join(folder, "page.html");
  const html = `<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url=${address}"><title>prewarm</title>\n`;
  writeFileSync(file, html, { mode: 0o600 });
  const opener = process.platform === "darwin" ? "open" : "xdg-open";
  // Where there is none, the printed address is enough.
  const browser = spawn(opener, [pathToFileURL(file).href], { stdio: "ignore", detached: true });
  browser.on("error", () => {});
  browser.unref();
}
