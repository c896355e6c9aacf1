import type { Socket } from "node:net";
import type { AgentMessage, AgentOrder } from "../protocol/agent-messages.ts";
import { agentMessage } from "../protocol/agent-messages.ts";
import { encodeFrame, FrameDecoder } from "../protocol/frames.ts";

/** Takes what one process says. `onClose` is called once, when the process has gone or broke the protocol. */
export interface AgentListener {
  readonly onMessage: (message: AgentMessage) => void;
  readonly onClose: () => void;
}

/** The connection with one Python process. What does not fit the schema ends it, and nothing else. */
export class AgentChannel {
  readonly #socket: Socket;
  readonly #decoder = new FrameDecoder();
  #listener: AgentListener | undefined;
  readonly #early: AgentMessage[] = [];
  #isClosed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.push(chunk));
    socket.on("close", () => this.#close());
    socket.on("error", () => socket.destroy());
  }

  /** From now on messages go to this listener; what came earlier first. */
  listen(listener: AgentListener): void {
    this.#listener = listener;
    for (const message of this.#early.splice(0)) listener.onMessage(message);
    if (this.#isClosed) listener.onClose();
  }

  /** Sends an order; nothing happens where the process has gone. */
  send(order: AgentOrder): void {
    if (!this.#isClosed) this.#socket.write(encodeFrame(order));
  }

  /** Takes bytes of the connection, whole frames or parts. */
  push(chunk: Uint8Array): void {
    for (const result of this.#decoder.push(chunk)) {
      const parsed = result.ok ? agentMessage.safeParse(result.value) : undefined;
      if (parsed?.success !== true) {
        this.#socket.destroy();
        return;
      }
      if (this.#listener === undefined) this.#early.push(parsed.data);
      else this.#listener.onMessage(parsed.data);
    }
  }

  /** Reads nothing until `resume`, not even that the process has gone. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener?.onClose();
  }
}
