import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { Prewarm } from "./prewarm.ts";

/**
 * The module that makes a test a puppet: `puppet.play("name")` dials back and does what the spec says. The connection
 * stays open while the process lives, so the spec sees its end.
 */
export const PUPPET_MODULE = `
import os, signal, socket, sys, time

_strings = []


def play(name):
    string = socket.socket(socket.AF_UNIX)
    string.connect(os.environ["PUPPET_SOCKET"])
    _strings.append(string)
    string.sendall(f"{name} {os.getpid()}\\n".encode())
    word = string.makefile("r").readline().strip()
    if word == "pass":
        string.close()
    elif word == "fail":
        string.close()
        raise AssertionError("the spec says so")
    elif word == "spin":
        string.sendall(b"spinning\\n")
        while True:
            pass
    elif word == "hang":
        string.sendall(b"hanging\\n")
        while True:
            time.sleep(3600)
    else:
        exec(word)
`;

/** One test that waits for its word. */
export class Puppet {
  readonly name: string;
  readonly pid: number;
  /** Resolves when the puppet's process has closed its connection: at `pass`, at `fail`, or by its death. */
  readonly gone: Promise<void>;
  readonly #socket: Socket;

  constructor(name: string, pid: number, socket: Socket) {
    this.name = name;
    this.pid = pid;
    this.#socket = socket;
    // Not `once` of `node:events`: a process that is killed may reset its connection, which is an end like any other.
    this.gone = new Promise((resolve) => socket.once("close", () => resolve()));
  }

  /** `pass`, `fail`, or a Python statement. */
  say(word: string): void {
    this.#socket.write(`${word}\n`);
  }

  /** Makes it busy for ever; resolves when it is. */
  async occupy(word: "spin" | "hang"): Promise<void> {
    const answer = this.heard();
    this.say(word);
    await answer;
  }

  /** Resolves when the puppet's process has sent something. */
  async heard(): Promise<void> {
    await once(this.#socket, "data");
  }
}

/** Where the puppets of one prewarm dial in. */
export class PuppetMaster implements AsyncDisposable {
  readonly #server: Server;
  readonly #arrived: Puppet[] = [];
  readonly #waiting: (() => void)[] = [];

  private constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket) => this.#greet(socket));
  }

  /** Begins to listen. */
  static async listen(prewarm: Prewarm): Promise<PuppetMaster> {
    const server = createServer();
    server.listen(prewarm.puppetSocket);
    await once(server, "listening");
    return new PuppetMaster(server);
  }

  /** The next puppet that arrives, in the order of their arrival. */
  async next(): Promise<Puppet> {
    for (;;) {
      const puppet = this.#arrived.shift();
      if (puppet !== undefined) return puppet;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
  }

  #greet(socket: Socket): void {
    socket.on("error", () => socket.destroy());
    socket.once("data", (chunk: Buffer) => {
      const [name = "", pid] = chunk.toString().trim().split(" ");
      this.#arrived.push(new Puppet(name, Number(pid), socket));
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }
}
