import { expect, test } from "vitest";
import { API_VERSION } from "../../../src/protocol/api.ts";
import { apiRequest } from "../../../src/protocol/api-schema.ts";
import { EXIT_CODES } from "../../../src/protocol/errors.ts";
import { answers, requests } from "./golden-messages.ts";

const [run] = requests.run;
const OPTIONAL: Readonly<Record<string, readonly string[]>> = {
  run: ["choice", "affected", "workers", "measure"],
  "serve-http": ["token", "settings"],
};

test("there is an example of every request in the schema", () => {
  expect(Object.keys(requests)).toEqual(apiRequest.options.map(({ shape }) => shape.type.value));
});

test.each(Object.values(requests).flat())("$type is taken as it is", (request) => {
  expect(apiRequest.parse(request)).toStrictEqual(request);
});

test.each(Object.values(requests).flat())("$type is refused without one of its members", (request) => {
  const names = Object.keys(request).filter((name) => OPTIONAL[request.type]?.includes(name) !== true);
  const refused = names.filter((name) => !accepts({ ...request, [name]: undefined }));
  expect(refused).toEqual(names);
});

test.each([
  ["a type that nobody knows", { type: "build" }],
  ["an answer", answers.done[0]],
  ["a hello of the other side", answers.hello[0]],
  ["an environment with a number", { ...run, requester: { ...run.requester, env: { UMASK: 18 } } }],
  ["a process group for a process", { ...run, requester: { ...run.requester, pid: -4711 } }],
  ["nobody's process", { ...run, requester: { ...run.requester, pid: 0 } }],
  ["a launch without arguments", { ...run, launch: { ...run.launch, args: undefined } }],
  ["a flag as text", { ...run, watch: "no" }],
])("%s is refused", (_, request) => {
  expect(accepts(request)).toBe(false);
});

test("both hellos have our version, and every problem its exit code", () => {
  expect([...requests.hello, ...answers.hello].map(({ api }) => api)).toEqual([API_VERSION, API_VERSION]);
  const problems = [...answers.finished, ...answers.failed].flatMap(({ problem }) => problem ?? []);
  expect(problems.map(({ exit }) => exit)).toEqual(problems.map(({ code }) => EXIT_CODES[code]));
});

function accepts(request: unknown): boolean {
  return apiRequest.safeParse(request).success;
}
