import type { ServerResponse } from "node:http";
import type { z } from "zod";
import type { HttpAnswerName, HttpProblem } from "../../protocol/http-schema.ts";

/** A refusal with the code that the answer carries. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly status: number;
  readonly problem: HttpProblem;

  constructor(status: number, code: string, sentence: string, next = "") {
    super(sentence);
    this.status = status;
    this.problem = { code, sentence, next };
  }
}

/** What a handler is given: everything has been checked against the route's schemas. */
export interface Call<Query, Body> {
  /** The part of the path in braces, or empty. */
  readonly id: string;
  readonly query: Query;
  readonly body: Body;
  readonly lastEventId: string | undefined;
  readonly response: ServerResponse;
}

/** What a handler answers. `stream` means: it has taken the response over. */
export type Answer =
  | { readonly kind: "json"; readonly status: number; readonly body: unknown; readonly location?: string }
  | { readonly kind: "text"; readonly bytes: Buffer }
  | { readonly kind: "stream" };

/** One method of one path: the server and the document are both made from it. */
export interface Route {
  readonly method: "get" | "post";
  /** With at most one part in braces. */
  readonly path: string;
  readonly operation: string;
  readonly summary: string;
  readonly query: z.ZodType;
  readonly body: z.ZodType | null;
  /** What is answered when all is well: JSON of this name, `text`, or `events`. */
  readonly answer: HttpAnswerName | "text" | "events" | "document";
  readonly status: 200 | 202;
  /** Refusals beyond those that every route has, by status. */
  readonly refusals: Readonly<Record<number, string>>;
  readonly handle: (call: Call<never, never>) => Promise<Answer> | Answer;
}

/** A route whose handler has the types of its schemas. */
export function route<Query extends z.ZodType, Body extends z.ZodType | null>(
  definition: Omit<Route, "handle" | "query" | "body"> & {
    readonly query: Query;
    readonly body: Body;
    readonly handle: (
      call: Call<z.infer<Query>, Body extends z.ZodType ? z.infer<Body> : undefined>,
    ) => Promise<Answer> | Answer;
  },
): Route {
  return definition as Route;
}

/** An answer as JSON. */
export function json(body: unknown, status = 200, location?: string): Answer {
  return { kind: "json", status, body, ...(location === undefined ? {} : { location }) };
}
