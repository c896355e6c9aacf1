import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AgentMessage, AgentOrder } from "../../../src/protocol/agent-messages.ts";
import { encodeFrame, FrameDecoder } from "../../../src/protocol/frames.ts";
import { AgentChannel } from "../../../src/worker/agent-channel.ts";
import { Inbox } from "../watch/inbox.ts";

/** A connected pair of real unix sockets: the daemon's end, and that of a Python process that is played by the test. */
export class Connection implements Disposable {
  readonly near: Socket;
  readonly far: Socket;
  readonly orders = new Inbox<AgentOrder>();
  /** Resolves when the far end has seen the end of the connection. */
  readonly ended: Promise<void>;

  constructor(near: Socket, far: Socket) {
    this.near = near;
    this.far = far;
    this.ended = once(far, "close").then(() => undefined);
    const decoder = new FrameDecoder();
    far.on("data", (chunk: Buffer) => {
      for (const result of decoder.push(chunk)) if (result.ok) this.orders.put(result.value as unknown as AgentOrder);
    });
  }

  static async make(): Promise<Connection> {
    // A name that is short enough for a socket on every system.
    const folder = mkdtempSync(join(tmpdir(), "pw-"));
    const server = createServer({ pauseOnConnect: true });
    server.listen(join(folder, "s"));
    await once(server, "listening");
    const far = connect(join(folder, "s"));
    const [near] = (await once(server, "connection")) as [Socket];
    server.close();
    rmSync(folder, { recursive: true });
    return new Connection(near, far);
  }

  /** Sends messages as the Python process; resolves when they have left it. */
  async say(...messages: readonly AgentMessage[]): Promise<void> {
    for (const message of messages) await this.write(encodeFrame(message));
  }

  async write(bytes: Uint8Array | string): Promise<void> {
    await new Promise((resolve) => this.far.write(bytes, resolve));
  }

  /** The Python process ends; resolves when the daemon's end has noticed. */
  async leave(): Promise<void> {
    const closed = this.near.closed ? undefined : once(this.near, "close");
    this.far.end();
    await closed;
  }

  [Symbol.dispose](): void {
    this.near.destroy();
    this.far.destroy();
  }
}

/** The daemon's channel over this connection. */
export function channelOf({ near }: Connection): AgentChannel {
  const channel = new AgentChannel(near);
  near.resume();
  return channel;
}
