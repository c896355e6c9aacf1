import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { RunEvent, RunRecord } from "../src/protocol/events.ts";
import { cleanEnvironment, HOME } from "./environment.ts";

const PREWARM = join(import.meta.dirname, "..", "bin", "prewarm.js");
/** Where its daemon keeps its sockets, so that no other one of this user is touched. */
const STATE = join(HOME, "state-scale");

/** A watch of a whole suite, which tells its events. */
export class JsonWatch implements AsyncDisposable {
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(python: string, folder: string) {
    this.#folder = folder;
    mkdirSync(STATE, { recursive: true, mode: 0o700 });
    this.#child = this.#start(["--json", "--python", python, "--", "pytest"]);
    if (this.#child.stdout === null) throw new Error("The watch has no output.");
    const lines: Interface = createInterface({ input: this.#child.stdout });
    this.#lines = lines[Symbol.asyncIterator]();
  }

  /** The end of the next run, and when it was told. */
  async verdict(): Promise<{ readonly record: RunRecord; readonly atMs: number }> {
    for (;;) {
      const event = await this.#next();
      if (event.type === "run-finished") return { record: event.record, atMs: performance.now() };
    }
  }

  /** Nothing is left to do: the next edit can be told apart. */
  async settled(): Promise<void> {
    while ((await this.#next()).type !== "watching");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
    await once(this.#start(["stop"]), "exit");
  }

  async #next(): Promise<RunEvent> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error("The watch has ended.");
    return JSON.parse(line.value) as RunEvent;
  }

  #start(words: readonly string[]): ChildProcess {
    return spawn(process.execPath, [PREWARM, ...words], {
      cwd: this.#folder,
      env: cleanEnvironment({ PREWARM_STATE_DIR: STATE }),
      // The same in lines for people.
      stdio: ["ignore", "pipe", "ignore"],
    });
  }
}
