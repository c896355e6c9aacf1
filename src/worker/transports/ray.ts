import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { PassThrough, type Readable, Writable } from "node:stream";
import { EXIT_CODES, type ProblemCode, problem } from "../../protocol/errors.ts";
import { cutBridgeFrames, encodeBridgeFrame } from "./bridge-frames.ts";
import type { NodeStream, StreamEnd, Transport, TransportListener, TransportSettings } from "./transport.ts";

/** A supervisor leaves when it has had no connection for so long. The daemon that it started has its own time. */
const TTL_S = 30 * 60;

const MOST_LAST_WORDS = 4_000;

/** What the bridge says of itself. */
type BridgeMessage =
  | { readonly type: "node"; readonly number: number; readonly name: string }
  | { readonly type: "ended"; readonly number: number; readonly how: string; readonly lastWords: string }
  | { readonly type: "problem"; readonly code: string; readonly sentence: string; readonly next: string }
  | { readonly type: "settled" };

interface Open {
  readonly input: PassThrough;
  readonly end: (end: StreamEnd) => void;
}

/**
 * A node side on each node of a Ray cluster. Ray is spoken with by a bridge (`agent/ray_bridge/prewarm_ray.py`), a process with the project's
 * interpreter, which carries the bytes of all nodes over its standard streams.
 */
export class RayTransport implements Transport {
  readonly #address: string;
  readonly #settings: TransportSettings;
  readonly #streams = new Map<number, Open>();
  #bridge: ChildProcess | undefined;
  #isSettled = false;
  #isClosed = false;

  constructor(address: string, settings: TransportSettings) {
    this.#address = address;
    this.#settings = settings;
  }

  open(listener: TransportListener): void {
    const { python, env, agentFolder } = this.#settings;
    const words = [join(agentFolder, "ray_bridge/prewarm_ray.py"), ...this.#flags()];
    // Not in the project: nothing of it is to be imported.
    const bridge = spawn(python, words, { cwd: "/", env: bridgeEnv(env), stdio: "pipe" });
    this.#bridge = bridge;
    let lastWords = "";
    bridge.stderr.setEncoding("utf8").on("data", (text: string) => {
      lastWords = (lastWords + text).slice(-MOST_LAST_WORDS);
    });
    bridge.stdin.on("error", () => {});
    this.#listen(bridge.stdout, listener);
    bridge.once("error", (error) => this.#ended(listener, `did not start (${error.message})`, lastWords));
    bridge.once("close", (exit, signal) => this.#ended(listener, `ended (${signal ?? exit})`, lastWords));
  }

  close(): void {
    this.#isClosed = true;
    // The end of its input tells the bridge, which stops a cluster that it has started.
    this.#bridge?.stdin?.end();
    for (const number of [...this.#streams.keys()]) this.#endStream(number, { how: "was closed", lastWords: "" });
  }

  #flags(): readonly string[] {
    const { python, nodeCommand } = this.#settings;
    const words = nodeCommand.length > 0 ? nodeCommand : ["prewarm", "node"];
    // One supervisor a node for all that is started there in the same way.
    const key = createHash("sha256")
      .update(JSON.stringify([python, words]))
      .digest("hex")
      .slice(0, 16);
    return [
      "--address",
      this.#address,
      "--name",
      `prewarm-${key}`,
      "--words",
      JSON.stringify(words),
      "--ttl",
      String(TTL_S),
    ];
  }

  #listen(output: Readable, listener: TransportListener): void {
    const cut = cutBridgeFrames();
    output.on("data", (chunk: Buffer) => {
      for (const { number, bytes } of cut(chunk)) {
        if (number === 0) this.#take(JSON.parse(bytes.toString("utf8")) as BridgeMessage, listener);
        else this.#streams.get(number)?.input.write(bytes);
      }
    });
  }

  #take(message: BridgeMessage, listener: TransportListener): void {
    if (this.#isClosed) return;
    switch (message.type) {
      case "node":
        listener.onNode(message.name, this.#stream(message.number));
        break;
      case "ended":
        this.#endStream(message.number, message);
        break;
      case "problem":
        listener.onProblem(problem(codeOf(message.code), message.sentence, message.next));
        break;
      case "settled":
        this.#isSettled = true;
        listener.onSettled();
        break;
    }
  }

  #stream(number: number): NodeStream {
    const input = new PassThrough();
    const { promise, resolve } = Promise.withResolvers<StreamEnd>();
    this.#streams.set(number, { input, end: resolve });
    const stdin = this.#bridge?.stdin;
    const output = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        if (stdin === undefined || stdin === null || !stdin.writable) done();
        else stdin.write(encodeBridgeFrame(number, chunk), () => done());
      },
    });
    const close = (): void => {
      if (!this.#streams.has(number)) return;
      if (stdin?.writable) stdin.write(encodeBridgeFrame(0, Buffer.from(JSON.stringify({ type: "close", number }))));
      this.#endStream(number, { how: "was closed", lastWords: "" });
    };
    return { input, output, ended: promise, close };
  }

  #endStream(number: number, { how, lastWords }: StreamEnd): void {
    const open = this.#streams.get(number);
    this.#streams.delete(number);
    open?.input.end();
    open?.end({ how, lastWords });
  }

  #ended(listener: TransportListener, how: string, lastWords: string): void {
    for (const number of [...this.#streams.keys()])
      this.#endStream(number, { how: `was lost: the bridge to Ray ${how}`, lastWords });
    if (this.#isSettled || this.#isClosed) return;
    this.#isSettled = true;
    const said = lastWords.trim().split("\n").at(-1) ?? "";
    const sentence = `The bridge to Ray ${how}${said === "" ? "" : `: ${said}`}.`;
    listener.onProblem(problem("node-unreachable", sentence, "ray status"));
    listener.onSettled();
  }
}

/** Ray reads the requester's settings for it; what would make Python read other code is left out. */
function bridgeEnv(env: Readonly<Record<string, string>>): Record<string, string> {
  const { PYTHONPATH: _path, PYTHONSTARTUP: _startup, ...rest } = env;
  return rest;
}

function codeOf(code: string): ProblemCode {
  return Object.hasOwn(EXIT_CODES, code) ? (code as ProblemCode) : "node-unreachable";
}
