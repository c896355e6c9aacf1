import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { SourceFacts } from "../protocol/sources.ts";
import type { AgentChannel } from "./agent-channel.ts";

/** Where the reader's program is, and where it connects. */
export interface ReaderPlaces {
  readonly stateFolder: string;
  readonly agentFolder: string;
}

/** A Python process that tells what source files compile to. It loads nothing of the project. */
export class SourceReader implements Disposable {
  readonly id: string;
  readonly #process: ChildProcess;
  readonly #asked = new Map<number, { readonly parts: SourceFacts[]; readonly done: (all: SourceFacts[]) => void }>();
  readonly #waiting: (() => void)[] = [];
  #channel: AgentChannel | undefined;
  #asks = 0;
  #isGone = false;

  constructor(id: string, python: string, { stateFolder, agentFolder }: ReaderPlaces) {
    this.id = id;
    const words = [join(agentFolder, "prewarm", "__main__.py"), join(stateFolder, "agent.sock"), id, "reader"];
    this.#process = spawn(python, ["-E", "-S", ...words], { cwd: stateFolder, stdio: "ignore" });
    this.#process.on("error", () => this.#gone());
    this.#process.on("exit", () => this.#gone());
  }

  /** The process has connected; false where it had done so before, and this is somebody else. */
  attach(channel: AgentChannel): boolean {
    if (this.#channel !== undefined) return false;
    this.#channel = channel;
    channel.listen({
      onMessage: (message) => {
        if (message.type !== "sources") return;
        const asked = this.#asked.get(message.ask);
        asked?.parts.push(...message.sources);
        if (!message.isLast) return;
        this.#asked.delete(message.ask);
        asked?.done(asked.parts);
      },
      onClose: () => this.#gone(),
    });
    for (const send of this.#waiting.splice(0)) send();
    return true;
  }

  /** What these files are now; nothing where the process has gone. */
  async read(paths: readonly string[]): Promise<readonly SourceFacts[]> {
    if (paths.length === 0 || this.#isGone) return [];
    this.#asks += 1;
    const ask = this.#asks;
    const { promise, resolve } = Promise.withResolvers<readonly SourceFacts[]>();
    this.#asked.set(ask, { parts: [], done: resolve });
    const send = () => this.#channel?.send({ type: "read", ask, paths });
    if (this.#channel === undefined) this.#waiting.push(send);
    else send();
    return promise;
  }

  [Symbol.dispose](): void {
    this.#process.kill("SIGKILL");
    this.#gone();
  }

  #gone(): void {
    this.#isGone = true;
    for (const { done } of this.#asked.values()) done([]);
    this.#asked.clear();
  }
}
