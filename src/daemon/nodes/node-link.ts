import type { NodeMessage, NodeOrder } from "../../protocol/api.ts";
import { encodeFrame, FrameDecoder } from "../../protocol/frames.ts";
import {
  type Facts,
  type HomeMessage,
  NODE_PROTOCOL_VERSION,
  type NodeProblem,
  type NodeSideMessage,
  nodeSideMessage,
} from "../../protocol/node-messages.ts";
import type { SyncOrder } from "../../protocol/sync-messages.ts";
import { TreeSender } from "../../sync/tree-sender.ts";
import type { NodeStream } from "../../worker/transports/transport.ts";

/** What a node is, once it has answered. */
export interface NodeSelf {
  readonly root: string;
  readonly cores: { readonly logical: number; readonly physical: number };
}

/** Who follows what a node does for one run. */
export interface NodeRunListener {
  readonly onMessage: (message: NodeMessage) => void;
  /** Its part is over; with a problem it has not come to its end. */
  readonly onEnded: (problem: NodeProblem | null, lastWords: string) => void;
  /** The node is not heard of any more, and why, in words. */
  readonly onLost: (how: string) => void;
}

/** What a session does at its end, such as stopping a server. */
const LONGEST_END_MS = 15_000;

type RunMessage = Extract<HomeMessage, { type: "run" }>;

/** A node that says nothing is looked at that often within its patience; only looks between which our own process was awake count. */
const LOOKS = 8;

/**
 * One node, as the daemon at home sees it.
 *
 *     greeting ──ready──▶ there ──stream ends, says nothing for too long, says nonsense──▶ lost
 *        └──────────other protocol, unfit──────────────────────────────────────────────────▲
 */
export class NodeLink {
  readonly name: string;
  readonly #stream: NodeStream;
  readonly #decoder = new FrameDecoder();
  readonly #ready = Promise.withResolvers<NodeSelf | NodeProblem>();
  readonly #runs = new Map<string, NodeRunListener>();
  /** Keeps the working tree there what it is here. */
  readonly sender = new TreeSender((order) => this.#sync(order));
  readonly #factsAsked: ((answer: Facts | NodeProblem) => void)[] = [];
  #lost: string | undefined;
  #looks = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(name: string, stream: NodeStream) {
    this.name = name;
    this.#stream = stream;
    stream.input.on("data", (chunk: Buffer) => this.#take(chunk));
    stream.input.on("error", () => {});
    void stream.ended.then(({ how, lastWords }) => {
      this.#lose(`its node side ${how}${lastWords === "" ? "" : `: ${lastWords.split("\n").at(-1)}`}`);
    });
  }

  /** Resolves with what the node is, or with what is wrong with it. */
  get ready(): Promise<NodeSelf | NodeProblem> {
    return this.#ready.promise;
  }

  /** Why it is not heard of any more; undefined while it is there. */
  get lost(): string | undefined {
    return this.#lost;
  }

  /** Speaks first. `project` names the project among those of the node. */
  greet(project: string, version: string): void {
    this.send({ type: "hello", protocol: NODE_PROTOCOL_VERSION, version, project });
  }

  send(message: HomeMessage): void {
    if (this.#lost === undefined) this.#stream.output.write(encodeFrame(message));
  }

  /** What an interpreter there is. */
  facts(pythons: readonly string[]): Promise<Facts | NodeProblem> {
    const { promise, resolve } = Promise.withResolvers<Facts | NodeProblem>();
    if (this.#lost !== undefined) return Promise.resolve(gone(this.name, this.#lost));
    this.#factsAsked.push(resolve);
    this.send({ type: "facts", pythons: [...pythons] });
    return promise;
  }

  /** Begins its part of a run. A node that says nothing for `patienceMs` meanwhile is lost. */
  run(message: RunMessage, patienceMs: number, listener: NodeRunListener): void {
    if (this.#lost !== undefined) {
      listener.onLost(this.#lost);
      return;
    }
    this.#runs.set(message.run, listener);
    this.send(message);
    this.#looks = 0;
    this.#timer ??= setInterval(() => this.#look(patienceMs), patienceMs / LOOKS);
  }

  order(run: string, order: NodeOrder): void {
    if (this.#runs.has(run)) this.send({ type: "order", run, order });
  }

  /** Nobody wants its part of a run any more; nothing is told of it from here on. */
  cancel(run: string): void {
    if (!this.#runs.delete(run)) return;
    this.send({ type: "cancel", run });
    this.#rest();
  }

  /** Home has all that it wants of a run: the node ends it by itself, or is made to when it takes too long. */
  async finish(run: string): Promise<void> {
    if (!this.#runs.has(run)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#runs.set(run, { onMessage: () => {}, onEnded: () => resolve(), onLost: () => resolve() });
    const timer = setTimeout(() => {
      this.cancel(run);
      resolve();
    }, LONGEST_END_MS);
    await promise;
    clearTimeout(timer);
  }

  close(): void {
    this.#lose("it was let go");
    this.#stream.close();
  }

  /** A tree can be large, and what a slow stream has not taken stays in memory. */
  async #sync(order: SyncOrder): Promise<void> {
    const { output } = this.#stream;
    this.send({ type: "sync", order });
    if (this.#lost !== undefined || !output.writableNeedDrain) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    output.once("drain", resolve);
    output.once("close", resolve);
    await promise;
    output.off("drain", resolve);
    output.off("close", resolve);
  }

  #take(chunk: Buffer): void {
    this.#looks = 0;
    if (this.#lost !== undefined) return;
    for (const result of this.#decoder.push(chunk)) {
      const parsed = result.ok ? nodeSideMessage.safeParse(result.value) : undefined;
      if (parsed?.success === true) this.#answer(parsed.data);
      else {
        this.#stream.close();
        this.#lose("it said what no node says");
      }
    }
  }

  #answer(message: NodeSideMessage): void {
    switch (message.type) {
      case "ready":
        this.#ready.resolve(message.protocol === NODE_PROTOCOL_VERSION ? message : this.#otherVersion(message.version));
        break;
      case "unfit":
        this.#ready.resolve(message.problem);
        break;
      case "alive":
        break;
      case "synced":
        this.sender.take(message.answer);
        break;
      case "facts":
        this.#factsAsked.shift()?.(message.facts ?? message.problem ?? gone(this.name, "it told nothing"));
        break;
      case "message":
        this.#runs.get(message.run)?.onMessage(message.message);
        break;
      case "ended": {
        const listener = this.#runs.get(message.run);
        this.#runs.delete(message.run);
        this.#rest();
        listener?.onEnded(message.problem, message.lastWords);
        break;
      }
      default:
        message satisfies never;
    }
  }

  #otherVersion(version: string): NodeProblem {
    const sentence = `${this.name} has prewarm ${version}, which speaks another protocol.`;
    return { code: "node-version", sentence, next: "install the same prewarm there" };
  }

  /** Counted in looks and not in time: a machine that was suspended has not heard anybody. */
  #look(patienceMs: number): void {
    this.#looks += 1;
    if (this.#looks <= LOOKS) return;
    this.#lose(`it has said nothing for ${patienceMs / 1000} s`);
    this.#stream.close();
  }

  #rest(): void {
    if (this.#runs.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #lose(how: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = how;
    clearInterval(this.#timer);
    this.sender.close();
    this.#ready.resolve(gone(this.name, how));
    for (const resolve of this.#factsAsked.splice(0)) resolve(gone(this.name, how));
    const listeners = [...this.#runs.values()];
    this.#runs.clear();
    for (const listener of listeners) listener.onLost(how);
  }
}

function gone(name: string, how: string): NodeProblem {
  return { code: "node-unreachable", sentence: `The node ${name} cannot be reached: ${how}.`, next: "prewarm logs" };
}
