import { failed, ok, type Result } from "../base/result.ts";
import type { Choice, Launch, Measure, RepeatWish, Requester, WorkersWish } from "../protocol/api.ts";
import { type Problem, problem } from "../protocol/errors.ts";
import type { RunEvent, RunRecord } from "../protocol/events.ts";
import { type Daemon, reachDaemon } from "./client.ts";
import { refuseSystem } from "./daemon-door.ts";
import { daemonLeft } from "./daemon-left.ts";
import { followRun } from "./follow-run.ts";
import { findLaunch } from "./launch.ts";
import type { Flags } from "./parse-arguments.ts";
import { openProject, type Project } from "./project.ts";
import { describeServer } from "./requester.ts";
import { workersWish } from "./workers-wish.ts";

/** What is asked of one run. */
export interface QuietWish {
  /** Some of the tests; without it all that the command line selects. */
  readonly ids?: readonly string[];
  readonly workers?: WorkersWish;
  readonly measure?: Measure;
  readonly repeat?: RepeatWish;
  readonly onEvent?: (event: RunEvent) => void;
}

/** How a run ended, and what pytest printed that no event tells. */
export interface QuietEnd {
  readonly record: RunRecord;
  readonly output: string;
}

/** Runs tests again and again for somebody who wants to know what came of them, and not to read pytest's output. */
export class QuietRuns {
  readonly #cwd: string;
  readonly #launch: Launch;
  readonly #requester: Requester;
  readonly #workers: WorkersWish;
  #ready: Daemon | undefined;
  #running: Daemon["connection"] | undefined;

  private constructor(project: Project, launch: Launch, requester: Requester, workers: WorkersWish, ready: Daemon) {
    this.#cwd = project.cwd;
    this.#launch = launch;
    this.#requester = requester;
    this.#workers = workers;
    this.#ready = ready;
  }

  /** Finds the interpreter and the daemon; starts one where there is none. */
  static async open(words: readonly string[], flags: Flags, project: Project): Promise<Result<QuietRuns, Problem>> {
    const refusal = refuseSystem("Running tests again and again");
    if (refusal !== undefined) return failed(refusal);
    const found = await findLaunch(words, flags.python, { cwd: project.cwd, root: project.root, env: process.env });
    if (!found.ok) {
      project.connection?.close();
      return found;
    }
    const reached = await reachDaemon(project, flags.ttlSeconds);
    if (!reached.ok) return reached;
    const requester = await describeServer(project.cwd);
    return ok(new QuietRuns(project, found.value.launch, requester, workersWish(flags), reached.value));
  }

  /** Runs once, and resolves when the verdict is there. */
  async run({ ids, workers, measure, repeat, onEvent }: QuietWish): Promise<Result<QuietEnd, Problem>> {
    const reached = this.#ready ?? (await this.#reach());
    this.#ready = undefined;
    if ("code" in reached) return failed(reached);
    const { connection } = reached;
    const choice: Choice | undefined = ids === undefined ? undefined : { ids, path: "", name: "" };
    connection.send({
      type: "run",
      launch: this.#launch,
      requester: this.#requester,
      watch: false,
      all: false,
      events: true,
      native: false,
      plain: "",
      choice,
      workers: workers ?? this.#workers,
      measure,
      repeat,
    });
    this.#running = connection;
    let output = "";
    const end = await followRun(connection, {
      onOutput: (_, bytes) => {
        output += Buffer.from(bytes).toString("utf8");
        return true;
      },
      onEvent,
    });
    connection.close();
    if (end.kind === "failed") return failed(end.problem);
    if (end.kind === "left") return failed(daemonLeft(end.reason));
    if (end.kind !== "finished") return failed(interrupted());
    return end.problem === null ? ok({ record: end.record, output }) : failed(end.problem);
  }

  /** Ends the run that goes on, which is then one that did not come to its end. */
  stop(): void {
    this.#running?.close();
  }

  async #reach(): Promise<Daemon | Problem> {
    const reached = await reachDaemon(openProject(this.#cwd, process.env), undefined);
    return reached.ok ? reached.value : reached.error;
  }
}

/** One process runs all tests, one after another. */
export const ONE_PROCESS: WorkersWish = { count: "0", dist: "" };

function interrupted(): Problem {
  return problem("interrupted", "The run did not come to its end.", "prewarm logs");
}
