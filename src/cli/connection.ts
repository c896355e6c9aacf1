import { connect as openSocket, type Socket } from "node:net";
import type { ApiAnswer, ApiRequest } from "../protocol/api.ts";
import { encodeFrame, FrameDecoder } from "../protocol/frames.ts";

/** How a connection ended, beside being closed by us: the other side left, or there was nobody. */
export type Ending = { readonly kind: "left"; readonly reason: string } | { readonly kind: "closed" };

/**
 * A conversation with the daemon. Answers are kept until they are asked for, so that none is lost between two
 * listeners. Output is written before the next bytes are read: a slow reader of ours makes the daemon wait.
 *
 *     connecting ──▶ open ──▶ ended
 *         └────────────────────▲
 */
export class Connection {
  readonly #socket: Socket;
  readonly #decoder = new FrameDecoder();
  readonly #answers: ApiAnswer[] = [];
  #ending: Ending | undefined;
  #errorCode = "";
  #wake: (() => void) | undefined;

  /** Begins to connect at once; requests may be sent before it is open. */
  constructor(path: string) {
    this.#socket = openSocket(path);
    this.#socket.on("data", (chunk: Buffer) => this.#take(chunk));
    this.#socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#errorCode = error.code ?? error.message;
    });
    this.#socket.on("close", () => this.#end({ kind: "left", reason: this.#errorCode }));
  }

  /** Why there was no conversation or no more of it: the system's code, such as ENOENT; empty for a plain end. */
  get errorCode(): string {
    return this.#errorCode;
  }

  /** Whether requests still reach anybody. */
  get isOpen(): boolean {
    return this.#ending === undefined;
  }

  send(request: ApiRequest): void {
    if (this.#ending === undefined) this.#socket.write(encodeFrame(request));
  }

  /** The next answer, or how the conversation ended, or undefined after that many milliseconds. */
  async receive(waitMs?: number): Promise<ApiAnswer | Ending | undefined> {
    let isLate = false;
    let timer: NodeJS.Timeout | undefined;
    if (waitMs !== undefined) {
      timer = setTimeout(() => {
        isLate = true;
        this.#wake?.();
      }, waitMs);
    }
    while (this.#answers.length === 0 && this.#ending === undefined && !isLate) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    clearTimeout(timer);
    return this.#answers.shift() ?? this.#ending;
  }

  /** Ends the conversation from our side; the daemon ends what it did for us. */
  close(): void {
    this.#end({ kind: "closed" });
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    for (const result of this.#decoder.push(chunk)) {
      if (!result.ok) {
        this.#end({ kind: "left", reason: result.error.message });
        this.#socket.destroy();
        return;
      }
      // The daemon is of this very version, as its hello says; what is unknown falls through every switch.
      this.#answers.push(result.value as unknown as ApiAnswer);
    }
    this.#wake?.();
  }

  #end(ending: Ending): void {
    this.#ending ??= ending;
    this.#wake?.();
  }
}
