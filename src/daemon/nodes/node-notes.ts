import type { AgentMessage, RecordMessage } from "../../protocol/agent-messages.ts";

/** The version of a file of the working tree here, as it was when it was sent; undefined for what was not sent. */
export type SentVersion = (path: string) => string | undefined;

/** What a node has found where nothing was, as the Python side says it. */
const NOTHING = "nothing";

/**
 * Turns what a node tells of the tests that it runs into what a leader here would tell: names of files and functions in its copy are those
 * of the working tree, and versions are those that were sent. What was not sent keeps the version that it has there, which is none that
 * it could have here: tests that opened it run after each edit.
 */
export class NodeNotes {
  readonly #node: string;
  readonly #copy: string;
  readonly #root: string;
  readonly #sent: SentVersion;

  /** `copy` is the root of the copy on the node, `root` that of the working tree here. */
  constructor(node: string, copy: string, root: string, sent: SentVersion) {
    this.#node = node;
    this.#copy = `${copy}/`;
    this.#root = root;
    this.#sent = sent;
  }

  translate(message: RecordMessage): AgentMessage {
    // The workers of a run have names of their own; the leader of each node gets one.
    const worker = message.worker ?? `node ${this.#node}`;
    if (message.type === "names") return { ...message, worker, names: message.names.map((name) => this.#name(name)) };
    // What tests write there stays there.
    if (message.type === "recorded") return { ...message, worker, made: [] };
    return { ...message, worker };
  }

  /** A function as `path::name`, or a file as `path`, line break, `version`. */
  #name(name: string): string {
    if (!name.startsWith(this.#copy)) return name;
    const below = name.slice(this.#copy.length);
    const end = below.indexOf("\n");
    if (end === -1) return `${this.#root}/${below}`;
    const path = below.slice(0, end);
    const found = below.slice(end + 1);
    const version = found === NOTHING ? NOTHING : (this.#sent(`${this.#root}/${path}`) ?? `${found} on ${this.#node}`);
    return `${this.#root}/${path}\n${version}`;
  }
}
