import { connect, type Socket } from "node:net";
import type { RunEvent } from "../../src/protocol/events.ts";
import type { Command } from "./command.ts";
import { interpreter } from "./interpreter.ts";
import type { Prewarm } from "./prewarm.ts";

/** One server-sent event. */
export interface SentEvent {
  readonly id: string;
  readonly name: string;
  readonly data: { readonly run?: string; readonly event?: RunEvent };
}

/** `prewarm serve --http 0`, and who asks it. */
export class HttpClient implements AsyncDisposable {
  readonly url: string;
  readonly token: string;
  readonly command: Command;

  private constructor(command: Command, url: string, token: string) {
    this.command = command;
    this.url = url;
    this.token = token;
  }

  static async serve(
    prewarm: Prewarm,
    args: readonly string[] = [],
    flags: readonly string[] = [],
  ): Promise<HttpClient> {
    const command = prewarm.command([
      "serve",
      "--http",
      "0",
      "--python",
      interpreter,
      ...flags,
      "--",
      "pytest",
      ...args,
    ]);
    await command.writes("http://");
    const [url = "", token = ""] = command.text("stdout").split("\n");
    return new HttpClient(command, url, token);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(this.url + path, { headers: { authorization: `Bearer ${this.token}`, ...headers } });
  }

  /** The body of an answer that has to be good. */
  async json(path: string): Promise<Readonly<Record<string, unknown>>> {
    const response = await this.get(path);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Readonly<Record<string, unknown>>;
  }

  async post(path: string, body: unknown = {}, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(this.url + path, {
      method: "POST",
      headers: { authorization: `Bearer ${this.token}`, "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  }

  /** Starts a run and resolves with its id. */
  async run(body: unknown = {}, path = "/runs"): Promise<string> {
    const response = await this.post(path, body);
    const started = (await response.json()) as { id?: string };
    if (response.status !== 202 || started.id === undefined)
      throw new Error(`${response.status}: ${JSON.stringify(started)}`);
    return started.id;
  }

  /** The events that come, from here on or after the one that is named; ends with `return`. */
  async *events(lastEventId?: string): AsyncGenerator<SentEvent> {
    const response = await this.get("/events", lastEventId === undefined ? {} : { "last-event-id": lastEventId });
    let text = "";
    const decoder = new TextDecoder();
    for await (const bytes of response.body ?? []) {
      text += decoder.decode(bytes, { stream: true });
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const member = (name: string) => new RegExp(`^${name}: ?(.*)$`, "m").exec(block)?.[1];
        const data = member("data");
        if (data === undefined) continue;
        yield { id: member("id") ?? "", name: member("event") ?? "", data: JSON.parse(data) as SentEvent["data"] };
      }
    }
  }

  /** A raw connection on which this was sent. */
  raw(text: string): Socket {
    const socket = connect(this.port, "127.0.0.1");
    socket.on("error", () => socket.destroy());
    socket.write(text);
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.command.signal("SIGINT");
    await this.command.finished;
  }
}
