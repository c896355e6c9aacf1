import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Launch, PassedSignal } from "../../protocol/api.ts";
import { problem } from "../../protocol/errors.ts";
import type { RunEvent } from "../../protocol/events.ts";
import { describeProgramEdit, describeProgramStart } from "../../report/program-words.ts";
import { printOwnLine } from "../../surfaces/terminal/own-line.ts";
import { printWarning } from "../../surfaces/terminal/print-problem.ts";
import { reachDaemon } from "../client.ts";
import type { Connection } from "../connection.ts";
import { daemonLeft } from "../daemon-left.ts";
import { followRun } from "../follow-run.ts";
import type { Flags } from "../parse-arguments.ts";
import { passOnTerminal } from "../pass-on-terminal.ts";
import { findProgram, objectToRunner } from "../program-launch.ts";
import type { Project } from "../project.ts";
import { reportProblem } from "../report-problem.ts";
import { describeRequester } from "../requester.ts";
import { errorScreen } from "../screen.ts";
import { writeAll, writeText } from "../write-output.ts";

const INTERRUPTED = 130;
const READER_GONE = 141;
// What a shell shows for a program that a signal has ended.
const SIGNALLED = 128;
const PASSED: readonly PassedSignal[] = ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];

/** A program that minds the signal that ends its watch is ended by the daemon, which takes this long to come to that. */
const LONGEST_FAREWELL_MS = 5_000;

/** Flags that are about tests. */
const FOR_TESTS = ["outcomes", "format", "loadList", "debugpy", "workers", "dist", "timeoutS", "all"] as const;

/** Runs a Python program that is no pytest, once or again after every save; returns its exit code. */
export async function runProgram(
  words: readonly string[],
  flags: Flags,
  project: Project,
  isWatch: boolean,
): Promise<number> {
  const refusal = objectToRunner(words) ?? objectToFlags(flags);
  if (refusal !== undefined) return fail(refusal, project);
  const found = await findProgram(words, flags.python, { cwd: project.cwd, root: project.root, env: process.env });
  if (!found.ok) return fail(found.error, project);
  if (process.platform === "win32" || flags.noDaemon === true) {
    project.connection?.close();
    return runPlainly(found.value, project.cwd);
  }
  const reached = await reachDaemon(project, flags.ttlSeconds);
  if (!reached.ok) return reportProblem(reached.error);
  const { connection } = reached.value;
  const isNative = flags.json !== true;
  connection.send({
    ...{ type: "run", launch: found.value, requester: await describeRequester(project.cwd, isNative) },
    ...{ watch: isWatch, all: false, events: true, native: true, plain: "", settings: flags.settings },
  });
  return await new Follower(connection, flags, isWatch).follow();
}

/** Passes on what a program writes and what this command is told by signals. */
class Follower {
  readonly #connection: Connection;
  readonly #flags: Flags;
  readonly #isWatch: boolean;
  readonly #showsLines: boolean;
  #isRunning = true;
  #interrupts = 0;
  /** What the command ends with, once a signal has ended it. */
  #signalled: number | undefined;

  constructor(connection: Connection, flags: Flags, isWatch: boolean) {
    this.#connection = connection;
    this.#flags = flags;
    this.#isWatch = isWatch;
    this.#showsLines = flags.quiet !== true && !process.env.PREWARM_QUIET && (isWatch || errorScreen().isScreen);
  }

  async follow(): Promise<number> {
    const forget = passOnTerminal((change) => this.#connection.send({ type: "terminal", change }));
    process.on("SIGINT", () => this.#interrupt());
    for (const signal of PASSED) process.on(signal, () => this.#passOn(signal));
    let exit = 0;
    try {
      for (;;) {
        const end = await followRun(this.#connection, {
          onOutput: (stream, bytes) =>
            this.#flags.json === true ? true : writeAll(stream === "stdout" ? 1 : 2, bytes),
          onEvent: (event) => this.#take(event),
        });
        switch (end.kind) {
          case "finished":
            this.#isRunning = false;
            exit = end.record.exit ?? exit;
            if (end.problem !== null) reportProblem(end.problem);
            if (this.#signalled !== undefined) return end.record.exit ?? this.#signalled;
            if (!this.#isWatch || this.#interrupts > 0) return end.record.exit ?? INTERRUPTED;
            if (end.record.exit !== null) this.#say(`ended with exit code ${exit} · waits for a save`);
            break;
          case "failed":
            return reportProblem(end.problem);
          case "left":
            return reportProblem(daemonLeft(end.reason));
          case "closed":
            return this.#signalled ?? (this.#isWatch ? exit : INTERRUPTED);
          case "reader-gone":
            return READER_GONE;
          default:
            return end satisfies never;
        }
      }
    } finally {
      forget();
      this.#connection.close();
    }
  }

  #take(event: RunEvent): void {
    if (this.#flags.json === true) writeText(1, `${JSON.stringify(event)}\n`);
    if (event.type === "warning") printWarning(event, errorScreen());
    if (event.type === "edit") this.#say(describeProgramEdit(event.files));
    if (event.type === "run-started") {
      this.#isRunning = true;
      const words = describeProgramStart(event.way, event.reason);
      if (this.#isWatch && words !== "") this.#say(words);
    }
  }

  #say(text: string): void {
    if (this.#showsLines) printOwnLine(text, errorScreen());
  }

  // The first is the program's, as in a plain start; a second one ends this command whatever the program does.
  #interrupt(): void {
    this.#interrupts += 1;
    if (this.#interrupts > 1 || !this.#isRunning) this.#connection.close();
    else this.#connection.send({ type: "interrupt" });
  }

  #passOn(signal: PassedSignal): void {
    const isForProgram = !this.#isWatch || signal === "SIGUSR1" || signal === "SIGUSR2";
    if (isForProgram) {
      this.#connection.send({ type: "signal", signal });
      return;
    }
    const isSecond = this.#signalled !== undefined;
    this.#signalled = SIGNALLED + constants.signals[signal];
    if (isSecond || !this.#isRunning) {
      this.#connection.close();
      return;
    }
    // The program ends first, as it does by this signal: whoever waits for this command finds its port free.
    this.#connection.send({ type: "signal", signal });
    setTimeout(() => this.#connection.close(), LONGEST_FAREWELL_MS).unref();
  }
}

function objectToFlags(flags: Flags): ReturnType<typeof problem> | undefined {
  const flag = FOR_TESTS.find((each) => flags[each] !== undefined);
  if (flag === undefined) return undefined;
  const name =
    { loadList: "--load-list", workers: "-n", timeoutS: "--timeout-per-test" }[flag as string] ?? `--${flag}`;
  return problem("usage", `\`${name}\` is about tests of pytest; this is another program.`, "prewarm run --help");
}

function runPlainly({ python, flags = [], command, script, args }: Launch, cwd: string): Promise<number> {
  const words = command === "script" ? [script] : [command === "module" ? "-m" : "-c", script];
  const child: ChildProcess = spawn(python, [...flags, ...words, ...args], { stdio: "inherit", cwd });
  const { promise, resolve } = Promise.withResolvers<number>();
  process.on("SIGINT", () => {});
  for (const signal of PASSED) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => resolve(reportProblem(problem("no-python", `${error.message}.`, "prewarm run --help"))));
  child.on("exit", (code, signal) => resolve(signal === null ? (code ?? 1) : SIGNALLED + constants.signals[signal]));
  return promise;
}

function fail(fault: ReturnType<typeof problem>, project: Project): number {
  project.connection?.close();
  return reportProblem(fault);
}
