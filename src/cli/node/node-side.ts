import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { cores } from "../../base/cores.ts";
import { readFacts } from "../../base/read-facts.ts";
import { VERSION } from "../../base/version.ts";
import { type Problem, problem } from "../../protocol/errors.ts";
import { encodeFrame, FrameDecoder } from "../../protocol/frames.ts";
import {
  type Facts,
  type HomeMessage,
  homeMessage,
  NODE_PROTOCOL_VERSION,
  type NodeSideMessage,
} from "../../protocol/node-messages.ts";
import { NodeRun } from "./node-run.ts";
import { openTree, type Tree } from "./tree.ts";

/**
 * One node, as home sees it: reads what home says, and answers. It holds nothing that a later run needs: that is in the working tree
 * and in the daemon of this node, which stays.
 *
 *     waiting ──hello──▶ open ──end of input──▶ closed
 *        └──another protocol, no folder──▶ unfit
 */
export class NodeSide {
  readonly #output: Writable;
  readonly #folder: string;
  readonly #decoder = new FrameDecoder();
  readonly #runs = new Map<string, NodeRun>();
  readonly #closed = Promise.withResolvers<number>();
  #tree: Tree | undefined;

  /** `folder` is where this node keeps its working trees. */
  constructor(input: Readable, output: Writable, folder: string) {
    this.#output = output;
    this.#folder = folder;
    output.on("error", () => this.#close(0));
    input.on("data", (chunk: Buffer) => this.#take(chunk));
    input.on("end", () => this.#close(0));
    input.on("close", () => this.#close(0));
  }

  /** Resolves with an exit code when home has gone. */
  get closed(): Promise<number> {
    return this.#closed.promise;
  }

  #take(chunk: Buffer): void {
    for (const result of this.#decoder.push(chunk)) {
      const parsed = result.ok ? homeMessage.safeParse(result.value) : undefined;
      if (parsed?.success === true) this.#answer(parsed.data);
      else this.#close(1);
    }
  }

  #answer(message: HomeMessage): void {
    switch (message.type) {
      case "hello":
        this.#greet(message.protocol, message.project);
        break;
      case "sync":
        for (const answer of this.#tree?.receiver.take(message.order) ?? []) this.#send({ type: "synced", answer });
        break;
      case "facts":
        void this.#tellFacts(message.pythons);
        break;
      case "run":
        this.#run(message);
        break;
      case "order":
        this.#runs.get(message.run)?.order(message.order);
        break;
      case "cancel":
        this.#runs.get(message.run)?.cancel();
        break;
      default:
        message satisfies never;
    }
  }

  #greet(protocol: number, project: string): void {
    const own = { type: "ready", protocol: NODE_PROTOCOL_VERSION, version: VERSION, cores: cores() } as const;
    // Home says so; whoever speaks another protocol may understand no more than this.
    if (protocol !== NODE_PROTOCOL_VERSION) {
      this.#send({ ...own, root: "" });
      return;
    }
    const opened = openTree(join(this.#folder, project));
    if (opened.ok) {
      this.#tree = opened.value;
      this.#send({ ...own, root: opened.value.root });
    } else {
      this.#send({ type: "unfit", problem: opened.error });
    }
  }

  async #tellFacts(pythons: readonly string[]): Promise<void> {
    const python = this.#findPython(pythons);
    if (typeof python !== "string") {
      this.#send({ type: "facts", facts: null, problem: python });
      return;
    }
    const script = join(import.meta.dirname, "../agent/facts/prewarm_facts.py");
    try {
      const facts = (await readFacts(python, script, "/")) as Facts;
      this.#send({ type: "facts", facts, problem: null });
    } catch (error) {
      const sentence = `${python} does not start: ${error instanceof Error ? error.message : String(error)}`;
      this.#send({ type: "facts", facts: null, problem: noPython(sentence) });
    }
  }

  #run(message: Extract<HomeMessage, { type: "run" }>): void {
    const python = this.#findPython(message.pythons);
    if (this.#tree === undefined || typeof python !== "string") {
      const fault = typeof python === "string" ? null : python;
      this.#send({ type: "ended", run: message.run, problem: fault, lastWords: "" });
      return;
    }
    const run = new NodeRun(message, python, this.#tree, (told) => this.#send(told));
    this.#runs.set(message.run, run);
    void run.ended.then(() => this.#runs.delete(message.run));
  }

  #findPython(pythons: readonly string[]): string | Problem {
    const root = this.#tree?.root ?? "/";
    const paths = pythons.map((path) => (isAbsolute(path) ? path : join(root, path)));
    return paths.find((path) => existsSync(path)) ?? noPython(`There is no ${paths.join(", and no ")}.`);
  }

  #send(message: NodeSideMessage): void {
    if (!this.#output.writableEnded) this.#output.write(encodeFrame(message));
  }

  #close(exit: number): void {
    for (const run of this.#runs.values()) run.cancel();
    this.#closed.resolve(exit);
  }
}

function noPython(sentence: string): Problem {
  return problem("no-python", sentence, "prewarm run --node-python PATH      (the interpreter on the nodes)");
}
