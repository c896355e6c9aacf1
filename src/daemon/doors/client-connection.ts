import type { Socket } from "node:net";
import {
  API_VERSION,
  type ApiAnswer,
  type ApiRequest,
  type Choice,
  type FinishedRun,
  type NodeOrder,
} from "../../protocol/api.ts";
import { apiRequest } from "../../protocol/api-schema.ts";
import type { LastFailure } from "../../protocol/door.ts";
import { encodeFrame, FrameDecoder } from "../../protocol/frames.ts";
import type { Past } from "../../protocol/past.ts";
import type { RunHost } from "./run-host.ts";

/** What the daemon does for a client; each returns when it is done. */
export interface Desk {
  readonly version: string;
  readonly run: (request: Extract<ApiRequest, { type: "run" }>, client: ClientConnection) => Promise<void>;
  readonly http: (request: Extract<ApiRequest, { type: "serve-http" }>, client: ClientConnection) => Promise<void>;
  readonly status: (client: ClientConnection) => Promise<void>;
  readonly why: (about: string) => readonly string[];
  readonly failures: () => readonly LastFailure[];
  readonly past: () => Past;
  readonly lastRun: () => FinishedRun | null;
  readonly greeted: () => void;
  readonly restart: () => void;
  readonly stop: () => void;
}

/** A command line says hello at once; after this long without a message it is none. */
const HELLO_PATIENCE_MS = 10_000;

const MOST_UNREAD_BYTES = 128 * 1024 * 1024;

/** One command line that has connected. Its end aborts what it asked for. */
export class ClientConnection implements RunHost {
  readonly interrupted = new EventTarget();
  /** Takes what a person chose to run, in a watch. */
  onAgain: (choice: Choice) => void = () => {};
  /** Takes what home tells the leader of a run on this node. */
  onNodeOrder: (order: NodeOrder) => void = () => {};
  /** Takes the id of each run when it begins. */
  onBegin: ((run: string) => void) | undefined;
  readonly #socket: Socket;
  readonly #desk: Desk;
  readonly #decoder = new FrameDecoder();
  readonly #abort = new AbortController();
  /** Until the first message: a stranger that says nothing, or not enough, is dropped. */
  readonly #patience: NodeJS.Timeout;

  constructor(socket: Socket, desk: Desk) {
    this.#socket = socket;
    this.#desk = desk;
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    this.#patience = setTimeout(() => socket.destroy(), HELLO_PATIENCE_MS).unref();
    socket.on("close", () => {
      clearTimeout(this.#patience);
      this.#abort.abort();
    });
    socket.on("error", () => socket.destroy());
    this.send({ type: "hello", api: API_VERSION, version: desk.version, pid: process.pid });
  }

  /** Aborted when the client has gone. */
  get gone(): AbortSignal {
    return this.#abort.signal;
  }

  send(answer: ApiAnswer): void {
    if (this.#socket.destroyed) return;
    this.#socket.write(encodeFrame(answer));
    // It does not read: what it has missed would only fill the memory of everybody's daemon.
    if (this.#socket.writableLength > MOST_UNREAD_BYTES) this.#socket.destroy();
  }

  /** Sends output. Resolves at once, or when a client that reads slowly has caught up or gone. */
  async sendOutput(stream: "stdout" | "stderr", chunk: Buffer): Promise<void> {
    const answer: ApiAnswer = { type: "output", stream, data: chunk.toString("base64") };
    if (this.#socket.destroyed || this.#socket.write(encodeFrame(answer))) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.once("drain", resolve);
    this.#socket.once("close", resolve);
    await promise;
    this.#socket.off("drain", resolve);
    this.#socket.off("close", resolve);
  }

  #onData(chunk: Buffer): void {
    for (const result of this.#decoder.push(chunk)) {
      const parsed = result.ok ? apiRequest.safeParse(result.value) : undefined;
      if (parsed?.success !== true) {
        this.#socket.destroy();
        return;
      }
      clearTimeout(this.#patience);
      this.#answer(parsed.data as ApiRequest);
    }
  }

  #answer(request: ApiRequest): void {
    switch (request.type) {
      case "hello":
        break;
      case "run":
        void this.#desk.run(request, this);
        break;
      case "serve-http":
        void this.#desk.http(request, this);
        break;
      case "node-order":
        this.onNodeOrder(request.order);
        break;
      case "ping":
        this.send({ type: "pong" });
        break;
      case "again":
        this.onAgain(request.choice);
        break;
      case "interrupt":
        this.interrupted.dispatchEvent(new Event("interrupt"));
        break;
      case "signal":
        this.interrupted.dispatchEvent(new Event(request.signal));
        break;
      case "debug":
        this.interrupted.dispatchEvent(new Event("debug"));
        break;
      case "terminal":
        this.interrupted.dispatchEvent(new Event(request.change));
        break;
      case "greeted":
        this.#desk.greeted();
        break;
      case "why":
        this.send({ type: "why", lines: this.#desk.why(request.about) });
        break;
      case "failures":
        this.send({ type: "failures", failures: this.#desk.failures() });
        break;
      case "past":
        this.send({ type: "past", past: this.#desk.past() });
        break;
      case "last-run":
        this.send({ type: "last-run", run: this.#desk.lastRun() });
        break;
      case "status":
        void this.#desk.status(this);
        break;
      case "restart":
        this.#desk.restart();
        this.send({ type: "done" });
        break;
      case "stop":
        // The end of the connection tells that the daemon has left: it comes with the end of the process.
        this.#socket.write(encodeFrame({ type: "done" }), () => this.#desk.stop());
        break;
      default:
        request satisfies never;
    }
  }
}
