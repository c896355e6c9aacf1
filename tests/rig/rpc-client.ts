import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { interpreter } from "./interpreter.ts";
import type { Prewarm } from "./prewarm.ts";

/** A line that the server has written. */
export interface RpcMessage {
  readonly id?: number | null;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
  readonly method?: string;
  readonly params?: unknown;
}

/** `prewarm serve --stdio` with both its streams in hand; `wrap` are words in front of the whole command. */
export class RpcClient implements Disposable {
  readonly #child: ChildProcess;
  readonly #messages: RpcMessage[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly exited: Promise<number | null>;
  #isOver = false;
  #rest = "";
  #ids = 0;

  constructor(
    prewarm: Prewarm,
    args: readonly string[] = [],
    flags: readonly string[] = [],
    wrap: readonly string[] = [],
  ) {
    const { words, cwd } = prewarm.words([
      "serve",
      "--stdio",
      "--python",
      interpreter,
      ...flags,
      "--",
      "pytest",
      ...args,
    ]);
    const [program = "", ...rest] = [...wrap, ...words];
    this.#child = spawn(program, rest, { cwd, env: prewarm.environment(), stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#take(text));
    this.exited = once(this.#child, "close").then(([exit]) => {
      this.#isOver = true;
      this.#tell();
      return exit as number | null;
    });
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  /** Ends the server's input. */
  end(): void {
    this.#child.stdin?.end();
  }

  /** Reads no more, as a program that has ended. */
  stopReading(): void {
    this.#child.stdout?.destroy();
  }

  /** Asks, and resolves with the answer, whether it is a result or an error. */
  async ask(method: string, params: unknown = {}): Promise<RpcMessage> {
    this.#ids += 1;
    const id = this.#ids;
    this.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
    return this.message((message) => message.id === id);
  }

  /** The next notification of this method that has these members in its parameters. */
  async notified(
    method: string,
    has: (params: Readonly<Record<string, unknown>>) => boolean = () => true,
  ): Promise<unknown> {
    const found = await this.message(
      (message) => message.method === method && has(message.params as Readonly<Record<string, unknown>>),
    );
    return found.params;
  }

  /** The first message like this that nobody has taken. */
  async message(isIt: (message: RpcMessage) => boolean): Promise<RpcMessage> {
    for (;;) {
      const place = this.#messages.findIndex(isIt);
      const [found] = place < 0 ? [] : this.#messages.splice(place, 1);
      if (found !== undefined) return found;
      if (this.#isOver) throw new Error(`The server has ended; it had also said ${JSON.stringify(this.#messages)}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    }
  }

  [Symbol.dispose](): void {
    this.#child.kill();
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#messages.push(JSON.parse(line) as RpcMessage);
    this.#tell();
  }

  #tell(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
