import { failed, ok, type Result } from "../base/result.ts";
import type { ApiAnswer, ApiRequest, DaemonStatus, Launch, WorkersWish } from "../protocol/api.ts";
import type { Door, DoorEnd, DoorOptions, DoorRun, LastFailure, RunWatcher, RunWish } from "../protocol/door.ts";
import { type Problem, problem } from "../protocol/errors.ts";
import { reachDaemon } from "./client.ts";
import type { Connection } from "./connection.ts";
import { daemonLeft } from "./daemon-left.ts";
import { followRun, type RunEnd } from "./follow-run.ts";
import { findLaunch } from "./launch.ts";
import { openProject, type Project } from "./project.ts";
import { describeServer } from "./requester.ts";
import { RunInput } from "./run-input.ts";
import { workersWish } from "./workers-wish.ts";

const LONGEST_ANSWER_MS = 15_000;

/** Opens a door to the daemon of a project: none is started before something is asked for. */
export async function openDoor({
  cwd = process.cwd(),
  command = ["pytest"],
  python,
  ttlSeconds,
  settings,
  ...flags
}: DoorOptions = {}): Promise<Result<DaemonDoor, Problem>> {
  const refusal = refuseSystem("A door");
  if (refusal !== undefined) return failed(refusal);
  const project = openProject(cwd, process.env);
  project.connection?.close();
  if (project.refusal !== undefined) return failed(project.refusal);
  const found = await findLaunch(command, python, { cwd, root: project.root, env: process.env });
  return found.ok
    ? ok(new DaemonDoor(cwd, found.value.launch, { workers: workersWish(flags), settings }, ttlSeconds))
    : found;
}

/** Why there is no daemon on this system, or undefined. */
export function refuseSystem(what: string): Problem | undefined {
  if (process.platform !== "win32") return undefined;
  const next = "prewarm run -- pytest      (plain pytest, once)";
  return problem("not-supported", `${what} needs the daemon, and Windows has no fork.`, next);
}

/** What holds for every run of a door. */
interface DoorWishes {
  readonly workers: WorkersWish;
  readonly settings: Readonly<Record<string, string>> | undefined;
}

/** The daemon as another process asks it: a connection for each run, so that each can be cancelled by itself. */
export class DaemonDoor implements Door, Disposable {
  readonly #cwd: string;
  readonly #launch: Launch;
  readonly #wishes: DoorWishes;
  readonly #ttlSeconds: number | undefined;
  readonly #connections = new Set<Connection>();
  /** What tests depend on is known to one connection, which such runs have in common. */
  #noted: Promise<unknown> = Promise.resolve();
  #notedConnection: Connection | undefined;
  #stateFolder = "";
  #isClosed = false;

  constructor(cwd: string, launch: Launch, wishes: DoorWishes, ttlSeconds: number | undefined) {
    this.#cwd = cwd;
    this.#launch = launch;
    this.#wishes = wishes;
    this.#ttlSeconds = ttlSeconds;
  }

  start(wish: RunWish, watcher: RunWatcher = {}): DoorRun {
    const cancelled = new AbortController();
    const input = wish.input === true ? new RunInput() : undefined;
    const go = () => this.#run(wish, watcher, cancelled.signal, input).finally(() => input?.[Symbol.dispose]());
    const finished = wish.affected === undefined ? go() : this.#noted.then(go);
    if (wish.affected !== undefined) this.#noted = finished;
    return { finished, cancel: () => cancelled.abort(), ...(input && { input }) };
  }

  async status(): Promise<DaemonStatus> {
    return (await this.#ask({ type: "status" }, "status")).status;
  }

  async why(about: string): Promise<readonly string[]> {
    return (await this.#ask({ type: "why", about }, "why")).lines;
  }

  async failures(): Promise<readonly LastFailure[]> {
    return (await this.#ask({ type: "failures" }, "failures")).failures;
  }

  /** Leaves the daemon; runs in flight end. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    for (const connection of this.#connections) connection.close();
  }

  async #run(wish: RunWish, watcher: RunWatcher, cancelled: AbortSignal, input?: RunInput): Promise<DoorEnd> {
    const isNoted = wish.affected !== undefined;
    const connection = await this.#connect(isNoted ? this.#notedConnection : undefined);
    if ("code" in connection) return { kind: "failed", problem: connection };
    if (isNoted) this.#notedConnection = connection;
    const stdin = await input?.open(this.#stateFolder, this.#launch.python);
    if (stdin?.ok === false) return this.#leave(connection, isNoted, { kind: "failed", problem: stdin.error });
    const requester = await describeServer(this.#cwd, stdin?.value);
    if (cancelled.aborted) return this.#leave(connection, isNoted, interrupted());
    connection.send({
      type: "run",
      launch: { ...this.#launch, args: [...(wish.args ?? this.#launch.args), ...(wish.more ?? [])] },
      requester,
      watch: false,
      all: false,
      events: watcher.onEvent !== undefined || input !== undefined,
      native: true,
      plain: "",
      // Who reads from one input is one process.
      workers: input === undefined ? this.#wishes.workers : { ...this.#wishes.workers, count: "0" },
      settings: this.#wishes.settings,
      ...(wish.choice === undefined ? {} : { choice: wish.choice }),
      ...(wish.affected === undefined ? {} : { affected: wish.affected }),
    });
    const interrupt = () => {
      connection.send({ type: "interrupt" });
      input?.end();
    };
    if (cancelled.aborted) interrupt();
    cancelled.addEventListener("abort", interrupt);
    const end = await followRun(connection, {
      onOutput: (stream, bytes) => {
        watcher.onOutput?.(stream, bytes);
        return true;
      },
      onEvent: (event) => {
        if (event.type === "run-started") input?.begins();
        // A debugger's prompt takes ctrl-c for itself: the end of its input ends the test alone.
        if (event.type === "test-finished" && input !== undefined && cancelled.aborted) interrupt();
        watcher.onEvent?.(event);
      },
    });
    cancelled.removeEventListener("abort", interrupt);
    return this.#leave(connection, isNoted && end.kind === "finished", concluded(end));
  }

  #leave(connection: Connection, isKept: boolean, end: DoorEnd): DoorEnd {
    if (isKept) return end;
    if (connection === this.#notedConnection) this.#notedConnection = undefined;
    this.#connections.delete(connection);
    connection.close();
    return end;
  }

  async #connect(known: Connection | undefined): Promise<Connection | Problem> {
    if (this.#isClosed) return daemonLeft("");
    if (known?.isOpen === true) return known;
    const project: Project = openProject(this.#cwd, process.env);
    this.#stateFolder = project.folder.path;
    const reached = await reachDaemon(project, this.#ttlSeconds);
    if (!reached.ok) return reached.error;
    const { connection } = reached.value;
    this.#connections.add(connection);
    return connection;
  }

  async #ask<Type extends ApiAnswer["type"]>(
    request: ApiRequest,
    type: Type,
  ): Promise<Extract<ApiAnswer, { type: Type }>> {
    const connection = await this.#connect(undefined);
    if ("code" in connection) throw new DoorError(connection);
    try {
      connection.send(request);
      const answer = await connection.receive(LONGEST_ANSWER_MS);
      if (answer === undefined || "kind" in answer || answer.type !== type) throw new DoorError(daemonLeft(""));
      return answer as Extract<ApiAnswer, { type: Type }>;
    } finally {
      this.#connections.delete(connection);
      connection.close();
    }
  }
}

/** A question that has no answer, and why. */
class DoorError extends Error {
  override readonly name = "DoorError";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.sentence);
    this.problem = problem;
  }
}

function concluded(end: RunEnd): DoorEnd {
  switch (end.kind) {
    case "finished":
      return { kind: "finished", record: end.record, problem: end.problem };
    case "failed":
      return { kind: "failed", problem: end.problem };
    case "left":
      return { kind: "failed", problem: daemonLeft(end.reason) };
    case "closed":
    case "reader-gone":
      return interrupted();
    default:
      return end satisfies never;
  }
}

function interrupted(): DoorEnd {
  return { kind: "failed", problem: problem("interrupted", "The run was cancelled before it began.", "") };
}
