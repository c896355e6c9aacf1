import { type ChildProcess, spawn } from "node:child_process";

/** How a command ended, with all that it wrote. */
export interface Finished {
  readonly exit: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandPlace {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Whether it leads a session of its own, as a shell's job without a terminal. */
  readonly isDetached?: boolean;
}

type Stream = "stdout" | "stderr";

/** A command that runs: what it has written so far can be waited for, and its end too. */
export class Command {
  /** Resolves when the command has ended and its output has been read. */
  readonly finished: Promise<Finished>;
  readonly #child: ChildProcess;
  readonly #texts = { stdout: "", stderr: "" };
  readonly #waiting: (() => void)[] = [];
  #isOver = false;

  constructor(words: readonly string[], { cwd, env, isDetached = false }: CommandPlace) {
    const [program = "", ...rest] = words;
    this.#child = spawn(program, rest, { cwd, env, stdio: ["ignore", "pipe", "pipe"], detached: isDetached });
    for (const stream of ["stdout", "stderr"] as const) {
      this.#child[stream]?.setEncoding("utf8").on("data", (text: string) => {
        this.#texts[stream] += text;
        this.#tell();
      });
    }
    const { promise, resolve, reject } = Promise.withResolvers<Finished>();
    this.#child.once("error", reject);
    this.#child.once("close", (exit, signal) => {
      this.#isOver = true;
      this.#tell();
      resolve({ exit, signal, ...this.#texts });
    });
    this.finished = promise;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What has been written so far. */
  text(stream: Stream): string {
    return this.#texts[stream];
  }

  /** Resolves when the stream has this text in it, so many times; rejects when the command ends without having written it. */
  async writes(text: string, stream: Stream = "stdout", times = 1): Promise<void> {
    while (this.#texts[stream].split(text).length <= times) {
      if (this.#isOver) {
        const { stdout, stderr } = this.#texts;
        throw new Error(`Expected ${JSON.stringify(text)} on ${stream}, got:\n${stdout}\n--- stderr\n${stderr}`);
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  #tell(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
