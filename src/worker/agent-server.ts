import { once } from "node:events";
import { constants, openSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { AgentMessage } from "../protocol/agent-messages.ts";
import { PROTOCOL_VERSION } from "../protocol/agent-messages.ts";
import { AgentChannel } from "./agent-channel.ts";

type Hello = Extract<AgentMessage, { type: "hello" }>;

/** Who knows the processes that may connect; both answer false for a stranger, which is then dropped. */
export interface AgentDoor {
  readonly onHello: (hello: Hello, channel: AgentChannel) => boolean;
  readonly onStream: (id: string, stream: "stdout" | "stderr", socket: Socket) => boolean;
}

/** A connection that has not said who it is after this long is dropped. */
const HELLO_PATIENCE_MS = 10_000;
const LONGEST_STREAM_HEADER_BYTES = 200;
/** A paused connection reads no further; Node would read 64 KiB ahead, piece by piece. */
const PAUSABLE = { highWaterMark: 1 } as const;

/** Listens for Python processes: `agent.sock` carries frames, `stream.sock` a line `ID STREAM` and then raw output. */
export class AgentServer {
  readonly #door: AgentDoor;
  readonly #servers: readonly Server[];
  #stateFolder = "";
  #deathPipe: number | undefined;

  constructor(door: AgentDoor) {
    this.#door = door;
    this.#servers = [
      createServer(PAUSABLE, (socket) => this.#onAgent(socket)),
      createServer(PAUSABLE, (socket) => this.#onStream(socket)),
    ];
  }

  async listen(stateFolder: string): Promise<void> {
    this.#stateFolder = stateFolder;
    const [agents, streams] = this.#servers;
    agents?.listen(join(stateFolder, "agent.sock"));
    streams?.listen(join(stateFolder, "stream.sock"));
    await Promise.all(this.#servers.map(async (server) => once(server, "listening")));
  }

  close(): void {
    for (const server of this.#servers) server.close();
  }

  /**
   * Holds the writing end of the pipe whose end tells every Python process that the daemon has died. The first Python
   * process makes the pipe, because Node cannot.
   */
  #openDeathPipe(): void {
    if (this.#deathPipe !== undefined || process.platform !== "linux") return;
    this.#deathPipe = openSync(join(this.#stateFolder, "alive"), constants.O_RDWR | constants.O_NONBLOCK);
  }

  #onAgent(socket: Socket): void {
    const channel = new AgentChannel(socket);
    const timer = setTimeout(() => socket.destroy(), HELLO_PATIENCE_MS).unref();
    channel.listen({
      onMessage: (message) => {
        clearTimeout(timer);
        const isKnown =
          message.type === "hello" && message.protocol === PROTOCOL_VERSION && this.#door.onHello(message, channel);
        // A stranger may come before there is a pipe.
        if (isKnown) this.#openDeathPipe();
        else socket.destroy();
      },
      onClose: () => clearTimeout(timer),
    });
  }

  #onStream(socket: Socket): void {
    let header = Buffer.alloc(0);
    const timer = setTimeout(() => socket.destroy(), HELLO_PATIENCE_MS).unref();
    socket.on("error", () => socket.destroy());
    const onData = (chunk: Buffer) => {
      header = Buffer.concat([header, chunk]);
      const end = header.indexOf("\n");
      if (end < 0 && header.length < LONGEST_STREAM_HEADER_BYTES) return;
      clearTimeout(timer);
      socket.off("data", onData);
      const [id = "", stream] = header.subarray(0, Math.max(end, 0)).toString("latin1").split(" ");
      const isKnown = (stream === "stdout" || stream === "stderr") && this.#door.onStream(id, stream, socket);
      if (!isKnown) socket.destroy();
      else if (header.length > end + 1) socket.unshift(header.subarray(end + 1));
    };
    socket.on("data", onData);
  }
}
