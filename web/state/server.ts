import type { HttpAnswer, HttpAnswerName, HttpProblem } from "../../src/protocol/http-schema.ts";

/** A refusal of the server, in its own words; `status` is 0 where there was no answer. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly problem: HttpProblem;

  constructor(status: number, problem: HttpProblem) {
    super(problem.sentence);
    this.status = status;
    this.problem = problem;
  }
}

/** The server that this page came from. The token goes with each request, and never stands in an address. */
export class Server {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  /** Asks for an answer of this name. */
  async get<Name extends HttpAnswerName>(_name: Name, path: string): Promise<HttpAnswer<Name>> {
    return (await (await this.#ask(path)).json()) as HttpAnswer<Name>;
  }

  /** Asks for something to be done; resolves with the answer. */
  async post(path: string, body?: unknown): Promise<unknown> {
    const init =
      body === undefined
        ? { method: "POST" }
        : { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    return (await this.#ask(path, init)).json();
  }

  /** Begins to read events, after the one that is named. */
  async events(lastEventId: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.#ask("/events", { headers: { "last-event-id": lastEventId }, signal });
    if (body === null) throw new Error("Expected a body.");
    return body;
  }

  async #ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...(init.headers as Record<string, string>), authorization: `Bearer ${this.#token}` };
    const response = await fetch(path, { ...init, headers, cache: "no-store" }).catch((error: unknown) => {
      throw new Refusal(0, { code: "unreachable", sentence: String(error), next: "" });
    });
    if (response.ok) return response;
    const { error } = (await response.json()) as HttpAnswer<"Problem">;
    throw new Refusal(response.status, error);
  }
}
