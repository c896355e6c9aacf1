import { failed, ok, type Result } from "../base/result.ts";
import { compareVersions, VERSION } from "../base/version.ts";
import { API_VERSION, type ApiAnswer } from "../protocol/api.ts";
import { type Problem, problem } from "../protocol/errors.ts";
import type { Connection } from "./connection.ts";
import { greetingConnection, type Project } from "./project.ts";

/** A daemon of our own version, ready for a request. */
export interface Daemon {
  readonly connection: Connection;
  readonly pid: number;
  /** Version of the older daemon that this one has replaced, or undefined. */
  readonly replaced: string | undefined;
}

type Hello = Extract<ApiAnswer, { type: "hello" }>;

/** What one look for a daemon found. */
export type Greeting =
  | { readonly kind: "ours"; readonly connection: Connection; readonly hello: Hello }
  | { readonly kind: "other"; readonly connection: Connection; readonly hello: Hello }
  | { readonly kind: "nobody" }
  | { readonly kind: "silent" };

const LONGEST_HELLO_MS = 15_000;
const LONGEST_SEARCH_MS = 20_000;

/** Connects to the project's daemon; starts one where none is, and replaces an older one. */
export async function reachDaemon(
  project: Project,
  ttlSeconds: number | undefined,
  idlePercent?: number,
): Promise<Result<Daemon, Problem>> {
  if (project.refusal !== undefined) return failed(project.refusal);
  let replaced: string | undefined;
  let connection = project.connection;
  // Not `performance`, whose loading costs the start a millisecond.
  const deadlineMs = process.uptime() * 1000 + LONGEST_SEARCH_MS;
  for (let attempt = 0; process.uptime() * 1000 < deadlineMs; attempt += 1) {
    const greeting: Greeting = connection === undefined ? { kind: "nobody" } : await greet(connection);
    if (greeting.kind === "ours") return ok({ connection: greeting.connection, pid: greeting.hello.pid, replaced });
    if (greeting.kind === "silent") return failed(silentDaemon());
    const starter = await import("./start-daemon.ts");
    if (greeting.kind === "other") {
      if (isNewer(greeting.hello)) return failed(newerDaemon(greeting));
      replaced = greeting.hello.version;
      const { stopDaemon } = await import("./stop-daemon.ts");
      await stopDaemon(greeting.connection);
    }
    const started = await starter.startDaemon(project, ttlSeconds, attempt, idlePercent);
    if (!started.ok) return started;
    connection = greetingConnection(project.folder.socket);
  }
  return failed(problem("daemon-start", "The daemon does not stay.", "prewarm logs"));
}

/** Waits for the daemon's hello on a connection. */
export async function greet(connection: Connection): Promise<Greeting> {
  const answer = await connection.receive(LONGEST_HELLO_MS);
  if (answer === undefined) {
    connection.close();
    return { kind: "silent" };
  }
  if (!("type" in answer) || answer.type !== "hello") {
    connection.close();
    return { kind: "nobody" };
  }
  const isOurs = answer.api === API_VERSION && answer.version === VERSION;
  return { kind: isOurs ? "ours" : "other", connection, hello: answer };
}

function isNewer({ api, version }: Hello): boolean {
  return compareVersions(version, VERSION) > 0 || (version === VERSION && api > API_VERSION);
}

function newerDaemon({ connection, hello }: { connection: Connection; hello: Hello }): Problem {
  connection.close();
  const sentence = `This project's daemon is prewarm ${hello.version}, this command is ${VERSION}.`;
  return problem("daemon-newer", sentence, `npm i -D prewarm@${hello.version}`);
}

function silentDaemon(): Problem {
  const sentence = `The daemon has not answered for ${LONGEST_HELLO_MS / 1000} s.`;
  return problem("daemon-start", sentence, "prewarm logs      then: prewarm stop");
}
