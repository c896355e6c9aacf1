import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { EventStream } from "./event-stream.ts";
import { type Refusal, refuse, refuseStranger } from "./guard.ts";
import type { House, RunBegin } from "./house.ts";
import { openApi } from "./openapi.ts";
import { OwnRuns } from "./own-runs.ts";
import { servePageFile } from "./page-files.ts";
import { type Answer, HttpError, type Route } from "./route.ts";
import { routes } from "./routes.ts";
import { RunRegistry } from "./run-registry.ts";
import { ServedView } from "./served-view.ts";

const LONGEST_BODY_BYTES = 8 * 1024 * 1024;
/** A question of a thousand characters, each as twelve. */
const LONGEST_HEAD_BYTES = 32 * 1024;
const LONGEST_REQUEST_MS = 30_000;
const TOKEN_BYTES = 24;

/** Where somebody can ask, and with which token. */
export interface Address {
  readonly url: string;
  readonly token: string;
}

/** The project's tests by HTTP, on the loopback address alone. Its runs end with it. */
export class HttpServer {
  readonly #server: Server;
  readonly #token: string;
  readonly #events = new EventStream();
  readonly #runs: OwnRuns;
  readonly #routes: readonly Route[];
  readonly #deafen: () => void;
  readonly #pageFolder: string;
  #port = 0;

  private constructor(house: House, pageFolder: string, token: string) {
    this.#pageFolder = pageFolder;
    this.#token = token;
    const view = new ServedView(() => Date.now(), house.standing());
    const registry = new RunRegistry(() => Date.now());
    this.#runs = new OwnRuns(house, registry);
    this.#routes = routes({
      ...{ house, registry, view, runs: this.#runs, events: this.#events },
      document: () => openApi(this.#routes),
    });
    this.#deafen = house.listen((run, event, begin) => {
      const isServed = isSame(begin, house.beginOf({}));
      registry.add(run, event, begin);
      if (isServed) view.add(run, event);
      this.#events.add(run, event, isServed);
    });
    this.#server = createServer({ maxHeaderSize: LONGEST_HEAD_BYTES }, (request, response) => {
      void this.#serve(request, response);
    });
    this.#server.requestTimeout = LONGEST_REQUEST_MS;
    this.#server.maxConnections = 256;
  }

  /** Listens on a port, 0 for any free one. Rejects as the system does where that is not possible. `pageFolder` has the files of the page; `token` is that of a page that comes back. */
  static async listen(house: House, port: number, pageFolder: string, token?: string): Promise<HttpServer> {
    const server = new HttpServer(house, pageFolder, token ?? randomBytes(TOKEN_BYTES).toString("base64url"));
    try {
      await server.#open(port);
      return server;
    } catch (error) {
      server.close();
      throw error;
    }
  }

  get address(): Address {
    return { url: `http://127.0.0.1:${this.#port}`, token: this.#token };
  }

  close(): void {
    this.#deafen();
    this.#events.close();
    this.#runs.cancelAll();
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #open(port: number): Promise<void> {
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on("error", () => response.destroy());
    try {
      if (!(await this.#servePage(request, response))) respond(response, await this.#answer(request, response));
    } catch (error) {
      const refusal =
        error instanceof HttpError ? error : new HttpError(500, "internal", "prewarm itself failed.", "prewarm logs");
      if (response.headersSent) response.destroy();
      else refuseWith(response, refusal);
    }
  }

  async #servePage({ method, url = "/", headers }: IncomingMessage, response: ServerResponse): Promise<boolean> {
    if (method !== "GET") return false;
    const refusal = refuseStranger(headers, this.#port);
    if (refusal !== undefined) throw refused(refusal);
    return servePageFile(url.split("?", 1)[0] ?? url, this.#pageFolder, response);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<Answer> {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const refusal = refuse({ headers: request.headers, query: url.searchParams }, this.#port, this.#token);
    if (refusal !== undefined) throw refused(refusal);
    const { route, id } = this.#find(request.method ?? "", url.pathname);
    url.searchParams.delete("token");
    const query = check(route.query, toObject(url.searchParams), "query");
    const body = route.body === null ? undefined : check(route.body, await readJson(request), "body");
    const lastEventId = request.headers["last-event-id"];
    return route.handle({
      ...{ id, response, query: query as never, body: body as never },
      lastEventId: typeof lastEventId === "string" ? lastEventId : undefined,
    });
  }

  #find(method: string, path: string): { readonly route: Route; readonly id: string } {
    const parts = path.split("/");
    const here = this.#routes.filter((each) => matches(each.path, parts));
    if (here.length === 0) throw new HttpError(404, "not-found", `There is no ${path}.`, "GET /openapi.json");
    const route = here.find((each) => each.method === method.toLowerCase());
    if (route === undefined) {
      const allowed = here.map((each) => each.method.toUpperCase()).join(", ");
      throw new HttpError(405, "method", `${path} takes ${allowed}.`, allowed);
    }
    const place = route.path.split("/").findIndex((part) => part.startsWith("{"));
    return { route, id: parts[place] ?? "" };
  }
}

function refused({ status, sentence }: Refusal): HttpError {
  return new HttpError(status, status === 401 ? "unauthorized" : "forbidden", sentence);
}

function isSame(one: RunBegin, other: RunBegin): boolean {
  return one.cwd === other.cwd && JSON.stringify(one.args) === JSON.stringify(other.args);
}

function matches(pattern: string, parts: readonly string[]): boolean {
  const wanted = pattern.split("/");
  return wanted.length === parts.length && wanted.every((part, at) => part.startsWith("{") || part === parts[at]);
}

// A name that is given twice is an array, which no schema takes.
function toObject(query: URLSearchParams): Readonly<Record<string, string | readonly string[]>> {
  return Object.fromEntries(
    [...new Set(query.keys())].map((name) => {
      const [first = "", ...more] = query.getAll(name);
      return [name, more.length === 0 ? first : [first, ...more]];
    }),
  );
}

function check(schema: Route["query"], value: unknown, what: string): unknown {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const place = issue?.path.join(".");
  throw new HttpError(400, "bad-request", `The ${what} is wrong${place ? ` at ${place}` : ""}: ${issue?.message}.`);
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers["content-type"] ?? "")) {
    throw new HttpError(415, "no-json", "Expected a body of the type application/json.");
  }
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > LONGEST_BODY_BYTES) {
      throw new HttpError(413, "too-large", `Expected a body of at most ${LONGEST_BODY_BYTES} bytes.`);
    }
    parts.push(part);
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(parts))) as unknown;
  } catch {
    throw new HttpError(400, "bad-request", "The body is no JSON.");
  }
}

function respond(response: ServerResponse, answer: Answer): void {
  switch (answer.kind) {
    case "json":
      send(response, answer.status, answer.body, answer.location === undefined ? {} : { location: answer.location });
      break;
    case "text":
      response.writeHead(200, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
      response.end(answer.bytes);
      break;
    case "stream":
      break;
    default:
      answer satisfies never;
  }
}

function refuseWith(response: ServerResponse, { status, problem }: HttpError): void {
  const headers: Record<string, string> = { connection: "close" };
  if (status === 401) headers["www-authenticate"] = "Bearer";
  if (status === 405) headers.allow = problem.next;
  send(response, status, { error: problem }, headers);
}

function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, {
    ...{ "content-type": "application/json", "cache-control": "no-store", "x-content-type-options": "nosniff" },
    ...headers,
  });
  response.end(JSON.stringify(body));
}
