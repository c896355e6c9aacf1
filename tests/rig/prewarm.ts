import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFailed, onTestFinished } from "vitest";
import type { DaemonStatus } from "../../src/protocol/api.ts";
import { Command, type Finished } from "./command.ts";
import { interpreter, plainPytest } from "./interpreter.ts";
import { type LiveProcess, processesWith, untilGone } from "./processes.ts";
import type { Project } from "./project.ts";

const ownProgram = fileURLToPath(new URL("../../bin/prewarm.js", import.meta.url));

export interface RunOptions {
  /** Words before `--`. */
  readonly flags?: readonly string[];
  /** Variables beside those of the rig; an empty text is set, undefined removes. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where the command is called, relative to the project's root. */
  readonly cwd?: string;
  readonly isDetached?: boolean;
  /** Another prewarm than the one under test. */
  readonly program?: string;
  /** Words in front of the whole command: a program that changes its surroundings and then starts the rest. */
  readonly wrap?: readonly string[];
}

/** A finished run, with what `--outcomes` wrote: node id to outcome; undefined where nothing was written. */
export interface FinishedRun extends Finished {
  readonly outcomes: Readonly<Record<string, string>> | undefined;
}

/** A run that goes on. */
export interface StartedRun {
  readonly command: Command;
  readonly finished: Promise<FinishedRun>;
}

/** As much of a log as tells of the last few runs. */
const LOG_LINES = 60;

/** prewarm as one person uses it on one project: a state folder of its own, and a daemon that ends with the test. */
export class Prewarm implements AsyncDisposable {
  /** Named in the environment and the command line of every process of ours; the daemon's files lie in a sub-folder. */
  readonly stateFolder = realpathSync(mkdtempSync(join(tmpdir(), "pw-state-")));
  readonly #project: Project;
  readonly #env: Readonly<Record<string, string | undefined>>;
  #runs = 0;
  #log = "";

  constructor(project: Project, env: Readonly<Record<string, string | undefined>> = {}) {
    this.#project = project;
    this.#env = env;
    // A test that runs out of time never comes to its end: nothing may stay behind even then.
    onTestFinished(() => this.#clear());
    onTestFailed(() => {
      this.#keepLog();
      if (this.#log !== "") console.error(`The end of the daemon's log:\n${this.#log}`);
    });
  }

  /** Where puppets dial in. */
  get puppetSocket(): string {
    return join(this.stateFolder, "puppets.sock");
  }

  /** `prewarm run FLAGS --outcomes FILE --python PYTHON -- pytest ARGS`, to its end. */
  async run(args: readonly string[] = [], options: RunOptions = {}): Promise<FinishedRun> {
    return this.start(args, options).finished;
  }

  /** The same, as a run that goes on. */
  start(args: readonly string[] = [], options: RunOptions = {}): StartedRun {
    this.#runs += 1;
    const file = join(this.stateFolder, `outcomes-${this.#runs}.json`);
    const flags = ["--python", interpreter, "--outcomes", file, ...(options.flags ?? [])];
    const command = this.command(["run", ...flags, "--", "pytest", ...args], options);
    const finished = command.finished.then((end) => ({ ...end, outcomes: readOutcomes(file) }));
    return { command, finished };
  }

  /** Any command line of prewarm. */
  command(words: readonly string[], options: RunOptions = {}): Command {
    const { env = {}, cwd = ".", isDetached = false, program = ownProgram, wrap = [] } = options;
    const place = { cwd: this.#project.at(cwd), env: this.environment(env), isDetached };
    return new Command([...wrap, process.execPath, program, ...words], place);
  }

  /** The words of a command line of prewarm, and where it is called, for who starts it by another way. */
  words(words: readonly string[]): { readonly words: readonly string[]; readonly cwd: string } {
    return { words: [process.execPath, ownProgram, ...words], cwd: this.#project.root };
  }

  /** A command line of prewarm that a shell script starts: `sh -c SCRIPT sh PROGRAM WORDS`. */
  shell(script: string, words: readonly string[]): Command {
    const place = { cwd: this.#project.root, env: this.environment() };
    return new Command(["sh", "-c", script, "sh", process.execPath, ownProgram, ...words], place);
  }

  /** Plain pytest in the same surroundings, without prewarm. */
  async plain(args: readonly string[] = [], { env = {}, cwd = ".", wrap = [] }: RunOptions = {}): Promise<Finished> {
    const place = { cwd: this.#project.at(cwd), env: this.environment(env) };
    return new Command([...wrap, ...plainPytest, ...args], place).finished;
  }

  /** What the daemon says of itself; throws where none runs. */
  async status(): Promise<DaemonStatus> {
    const { stdout } = await this.command(["status", "--json"]).finished;
    const status = JSON.parse(stdout) as DaemonStatus | null;
    if (status === null) throw new Error("Expected a daemon, but none runs.");
    return status;
  }

  /** The folder of this project's daemon: its sockets and its log. */
  get daemonFolder(): string {
    const name = readdirSync(this.stateFolder).find((each) => existsSync(join(this.stateFolder, each, "daemon.log")));
    if (name === undefined) throw new Error("Expected a daemon's folder, but none was started.");
    return join(this.stateFolder, name);
  }

  /** Every live process of ours: command lines, the daemon, Python processes and what they started. */
  processes(): readonly LiveProcess[] {
    return processesWith(this.stateFolder);
  }

  /** Resolves when no process of ours is left. */
  async untilNothingIsLeft(): Promise<void> {
    await untilGone(() => this.processes());
  }

  /** Stops the daemon, and throws where a process of ours stays. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.command(["stop"]).finished;
      await this.untilNothingIsLeft();
    } finally {
      this.#clear();
    }
  }

  /** A failure on another machine is told by the log alone, and the folder has gone when the test has failed. */
  #keepLog(): void {
    const entries = existsSync(this.stateFolder) ? readdirSync(this.stateFolder, { withFileTypes: true }) : [];
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(this.stateFolder, name));
    const files = folders.map((folder) => join(folder, "daemon.log")).filter(isRegularFile);
    const texts = files.map((file) => readFileSync(file, "utf8").split("\n").slice(-LOG_LINES).join("\n"));
    if (texts.length > 0) this.#log = texts.join("\n");
  }

  #clear(): void {
    this.#keepLog();
    for (const { pid } of this.processes()) end(pid);
    rmSync(this.stateFolder, { recursive: true, force: true });
  }

  /**
   * The environment of every command: only what each shell has, because a variable of the machine that runs the tests
   * must not change a verdict, and what the rig and the spec add.
   */
  environment(more: Readonly<Record<string, string | undefined>> = {}): Readonly<Record<string, string>> {
    const { PATH, HOME, TMPDIR } = process.env;
    const own = { PREWARM_STATE_DIR: this.stateFolder, PUPPET_SOCKET: this.puppetSocket };
    const all = { PATH, HOME, TMPDIR, LANG: "C.UTF-8", ...own, ...this.#env, ...more };
    return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
  }
}

// Some tests put other things in its place, which can be read without end.
function isRegularFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function readOutcomes(file: string): FinishedRun["outcomes"] {
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, "utf8")) as { outcomes: Readonly<Record<string, string>> }).outcomes;
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended in this moment.
  }
}
