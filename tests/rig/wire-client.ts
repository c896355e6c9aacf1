import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { ApiAnswer, ApiRequest } from "../../src/protocol/api.ts";
import { encodeFrame, FrameDecoder } from "../../src/protocol/frames.ts";

/** A connection to one of a daemon's sockets that sends what it likes: requests, or bytes that are none. */
export class WireClient implements Disposable {
  /** Resolves when the daemon has ended the connection, or has ended itself. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #decoder = new FrameDecoder();
  readonly #answers: ApiAnswer[] = [];
  readonly #waiting: (() => void)[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      resolve();
      this.#tell();
    });
    socket.on("data", (chunk: Buffer) => {
      for (const result of this.#decoder.push(chunk)) {
        if (result.ok) this.#answers.push(result.value as unknown as ApiAnswer);
      }
      this.#tell();
    });
  }

  static async connect(path: string): Promise<WireClient> {
    const socket = connect(path);
    await once(socket, "connect");
    return new WireClient(socket);
  }

  send(request: ApiRequest): void {
    this.sendBytes(encodeFrame(request));
  }

  sendBytes(bytes: Uint8Array | string): void {
    this.#socket.write(bytes);
  }

  /** The next answer of this type; answers of other types before it are dropped. */
  async answer<Type extends ApiAnswer["type"]>(type: Type): Promise<Extract<ApiAnswer, { type: Type }>> {
    for (;;) {
      const answer = this.#answers.shift();
      if (answer?.type === type) return answer as Extract<ApiAnswer, { type: Type }>;
      if (answer !== undefined) continue;
      if (this.#socket.destroyed) throw new Error(`Expected an answer of type ${type}, but the daemon has left.`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    }
  }

  /** Ends the connection without a word, as the death of a client does. */
  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #tell(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
