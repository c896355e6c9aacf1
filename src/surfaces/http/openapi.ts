import { z } from "zod";
import { VERSION } from "../../base/version.ts";
import { type HttpAnswerName, httpAnswers } from "../../protocol/http-schema.ts";
import type { Route } from "./route.ts";

const EVERYWHERE: Readonly<Record<number, string>> = {
  400: "The request is not as this document says.",
  401: "The token is missing or wrong.",
  403: "Another host name, or a page of another origin.",
};
const WITH_BODY: Readonly<Record<number, string>> = { 413: "The body is too large.", 415: "The body is no JSON." };

/** The OpenAPI 3.1 document of these routes, from the very schemas that requests are checked against. */
export function openApi(routes: readonly Route[]): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const each of routes) {
    paths[each.path] = { ...paths[each.path], [each.method]: operation(each) };
  }
  const schemas = Object.entries(httpAnswers).map(([name, schema]) => [name, schemaOf(schema, "output")]);
  return {
    openapi: "3.1.0",
    info: {
      title: "prewarm",
      version: VERSION,
      description: "A resident test server for one project. docs/http.md says how it is started and who may ask.",
    },
    security: [{ token: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(schemas),
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
    },
  };
}

function operation(route: Route): Readonly<Record<string, unknown>> {
  const refusals = { ...EVERYWHERE, ...(route.body === null ? {} : WITH_BODY), ...route.refusals };
  const parameters = [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)];
  return {
    operationId: route.operation,
    summary: route.summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === null
      ? {}
      : {
          requestBody: { required: true, content: { "application/json": { schema: schemaOf(route.body, "input") } } },
        }),
    responses: {
      [route.status]: { description: route.summary, content: contentOf(route.answer) },
      ...Object.fromEntries(
        Object.entries(refusals).map(([status, description]) => [
          status,
          { description, content: contentOf("Problem") },
        ]),
      ),
    },
  };
}

function contentOf(answer: Route["answer"]): Readonly<Record<string, unknown>> {
  if (answer === "text") return { "text/plain": { schema: { type: "string" } } };
  if (answer === "events") return { "text/event-stream": { schema: { type: "string" } } };
  const schema = answer === "document" ? { type: "object" } : referenceTo(answer);
  return { "application/json": { schema } };
}

function referenceTo(name: HttpAnswerName): Readonly<Record<string, string>> {
  return { $ref: `#/components/schemas/${name}` };
}

function pathParameters({ path }: Route): readonly unknown[] {
  const name = /\{(\w+)\}/.exec(path)?.[1];
  return name === undefined ? [] : [{ name, in: "path", required: true, schema: { type: "string" } }];
}

function queryParameters({ query }: Route): readonly unknown[] {
  type Members = { readonly properties?: Readonly<Record<string, unknown>>; readonly required?: readonly string[] };
  const { properties = {}, required = [] } = schemaOf(query, "input") as Members;
  const all = Object.entries(properties);
  return all.map(([name, schema]) => ({ name, in: "query", required: required.includes(name), schema }));
}

function headerParameters({ answer }: Route): readonly unknown[] {
  if (answer !== "events") return [];
  return [{ name: "Last-Event-ID", in: "header", required: false, schema: { type: "string" } }];
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): Readonly<Record<string, unknown>> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}
