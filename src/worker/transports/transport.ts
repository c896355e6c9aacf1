import type { Readable, Writable } from "node:stream";
import type { Problem } from "../../protocol/errors.ts";

/**
 * How prewarm reaches other machines.
 *
 * At the other end of each stream runs a node side, `prewarm node`: it reads frames (`src/protocol/node-messages.ts`) from its
 * standard input and writes frames to its standard output, and nothing else. A transport starts it, or has it started, and carries
 * bytes; it looks into none of them. Whoever opened the transport speaks first, with `hello`. What a node side writes to its standard
 * error is kept for the sentence of a failure. When a stream ends, its node is lost for the run; whether the node side ends with it is
 * the node's business: its daemon stays warm in any case.
 */
export interface Transport {
  /** Begins to reach nodes, and tells of each. Called once. */
  open(listener: TransportListener): void;
  /** Ends every stream. Nothing is told afterwards. */
  close(): void;
}

/** Who is told of nodes. */
export interface TransportListener {
  /** A node is there, at once or at any time later: then it joins what runs. `name` is its own among the nodes, for people. */
  readonly onNode: (name: string, stream: NodeStream) => void;
  /** A node, or all of them, cannot be reached; the others go on. */
  readonly onProblem: (problem: Problem) => void;
  /** Every node that was asked for has been told of, as a node or as a problem. More may join. */
  readonly onSettled: () => void;
}

/** The two directions of bytes between home and one node. */
export interface NodeStream {
  /** What the node says. */
  readonly input: Readable;
  /** What the node is told. */
  readonly output: Writable;
  /** Resolves when the stream has ended, however it did; the transport may know of a reason that people can mend. */
  readonly ended: Promise<StreamEnd>;
  /** Ends it from our side. */
  close(): void;
}

/** How a stream ended: in words, such as `was ended by SIGKILL`, and what went wrong where it never became one. */
export interface StreamEnd {
  readonly how: string;
  /** The last lines of the standard error, empty where there are none. */
  readonly lastWords: string;
}

/** What a transport needs to know of us. */
export interface TransportSettings {
  /** A private folder that local nodes may use. */
  readonly folder: string;
  /** The words that start a node side on another machine; empty for `prewarm node`. */
  readonly nodeCommand: readonly string[];
  /** The environment of the processes that a transport starts here: that of the requester. */
  readonly env: Readonly<Record<string, string>>;
  /** The interpreter that the run uses here, for a transport that is written in Python. */
  readonly python: string;
  /** The folder with the Python parts of prewarm. */
  readonly agentFolder: string;
}
