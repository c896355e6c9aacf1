import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A message of the Debug Adapter Protocol, as far as our specs read it. */
export interface AdapterMessage {
  readonly type: "response" | "event" | "request";
  readonly command?: string;
  readonly event?: string;
  readonly success?: boolean;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** An editor that attaches to a debug server: sends requests, and waits for what the adapter says. */
export class DebugAdapter implements Disposable {
  readonly #socket: Socket;
  readonly #messages: AdapterMessage[] = [];
  #rest = Buffer.alloc(0);
  #sent = 0;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#wake?.());
    socket.on("data", (chunk: Buffer) => {
      this.#rest = Buffer.concat([this.#rest, chunk]);
      this.#split();
      this.#wake?.();
    });
  }

  /** Connects to a port of this machine. */
  static async attach(port: number): Promise<DebugAdapter> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    return new DebugAdapter(socket);
  }

  send(command: string, values: Readonly<Record<string, unknown>> = {}): void {
    this.#sent += 1;
    const body = JSON.stringify({ seq: this.#sent, type: "request", command, arguments: values });
    this.#socket.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  /** The first response or event of this name, come or to come. */
  async heard(name: string): Promise<AdapterMessage> {
    for (;;) {
      const found = this.#messages.find(({ type, command, event }) => (type === "event" ? event : command) === name);
      if (found !== undefined) return found;
      if (this.#socket.destroyed) throw new Error(`Expected ${name}, got ${JSON.stringify(this.#messages)}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #split(): void {
    for (;;) {
      const end = this.#rest.indexOf("\r\n\r\n");
      const length = Number(/content-length: (\d+)/i.exec(this.#rest.subarray(0, Math.max(end, 0)).toString())?.[1]);
      if (end === -1 || this.#rest.length < end + 4 + length) return;
      this.#messages.push(JSON.parse(this.#rest.subarray(end + 4, end + 4 + length).toString()));
      this.#rest = this.#rest.subarray(end + 4 + length);
    }
  }
}
