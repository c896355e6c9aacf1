import { NO_CHOICE } from "../../protocol/api.ts";
import { httpRequests as requests } from "../../protocol/http-schema.ts";
import type { EventStream } from "./event-stream.ts";
import type { House } from "./house.ts";
import type { OwnRuns } from "./own-runs.ts";
import { HttpError, json, type Route, route } from "./route.ts";
import type { RunRegistry } from "./run-registry.ts";
import type { ServedView } from "./served-view.ts";
import { tellTest } from "./tell-test.ts";

/** What the resources are made of. */
export interface Rooms {
  readonly house: House;
  readonly registry: RunRegistry;
  readonly view: ServedView;
  readonly runs: OwnRuns;
  readonly events: EventStream;
  /** The OpenAPI document, made when it is first asked for. */
  readonly document: () => unknown;
}

const NO_RUN = { 404: "There is no such run." };
const plain = { query: requests.noQuery, body: null, method: "get", status: 200, refusals: {} } as const;

/** Every resource. */
export function routes({ house, registry, view, runs, events, document }: Rooms): readonly Route[] {
  return [
    route({
      ...plain,
      ...{ path: "/status", operation: "getStatus", answer: "Status" },
      summary: "What the daemon holds.",
      handle: async () => json(await house.status()),
    }),
    route({
      ...plain,
      ...{ path: "/trunk", operation: "getTrunk", answer: "Trunk" },
      summary: "The timelines that are kept, with their checkpoints.",
      handle: async () => json({ trunks: (await house.status()).trunks }),
    }),
    route({
      ...plain,
      ...{ path: "/timeline", operation: "getTimeline", answer: "Timeline" },
      summary: "What the start of the served command executes, in its order, with the time of each part by itself.",
      handle: () => json({ steps: house.timeline() }),
    }),
    route({
      ...plain,
      ...{ path: "/tests", operation: "listTests", answer: "Tests", refusals: runs.refusals },
      summary: "The tests that the served command selects, as pytest collects them now.",
      handle: async () => {
        const listed = await runs.list();
        // Files that do not collect hide their tests, which are not gone.
        if (listed.broken.length === 0 && listed.exit === 0) view.collected(listed.tests, house.lastOutcomes());
        return json(listed);
      },
    }),
    route({
      ...plain,
      ...{ path: "/runs", operation: "listRuns", answer: "Runs" },
      summary: "Runs since HTTP is served, whoever asked for them; the newest first.",
      handle: () => json({ runs: registry.runs }),
    }),
    route({
      ...{ method: "post", path: "/runs", operation: "startRun", answer: "Run", status: 202 },
      ...{ query: requests.noQuery, body: requests.run, refusals: runs.refusals },
      summary: "Runs tests: all that the served command selects, or some of them.",
      handle: async ({ body }) => accepted(await runs.start(body), registry),
    }),
    route({
      ...{ method: "post", path: "/command", operation: "runCommand", answer: "Run", status: 202 },
      ...{ query: requests.noQuery, body: requests.command },
      refusals: { ...runs.refusals, 409: "Another program than the one that is served, or started in another way." },
      summary: "Runs a pytest command line of its own.",
      handle: async ({ body }) => accepted(await runs.command(body.command), registry),
    }),
    route({
      ...plain,
      ...{ path: "/runs/{run}", operation: "getRun", answer: "Run", refusals: NO_RUN },
      summary: "One run.",
      handle: ({ id }) => json(found(registry.run(id))),
    }),
    route({
      ...plain,
      ...{ path: "/runs/{run}/outcomes", operation: "getRunOutcomes", answer: "RunOutcomes", refusals: NO_RUN },
      summary: "The outcomes of one run so far; those of old runs are forgotten.",
      handle: ({ id }) => json(found(registry.outcomes(id))),
    }),
    route({
      ...plain,
      ...{ path: "/runs/{run}/output", operation: "getRunOutput", answer: "text", refusals: NO_RUN },
      summary: "pytest's output of a run that was asked for here: its last megabyte.",
      handle: ({ id }) => ({ kind: "text", bytes: found(registry.output(id)) }),
    }),
    route({
      ...{ method: "post", path: "/runs/{run}/cancel", operation: "cancelRun", answer: "Run", status: 202 },
      ...{ query: requests.noQuery, body: null },
      refusals: { ...NO_RUN, 409: "The run has ended, or was asked for by another command than a watch." },
      summary: "Lets pytest end and report, as ctrl-c does.",
      handle: ({ id }) => {
        const run = found(registry.run(id));
        const isOver = run.state === "finished";
        if (isOver || !(runs.cancel(id) || house.interruptWatch(id)))
          throw new HttpError(409, "conflict", `Run ${run.id} has ended, or is another command's.`);
        return json(run, 202);
      },
    }),
    route({
      ...plain,
      ...{ path: "/view", operation: "getView", answer: "View" },
      summary: "What runs of the served command have come to, and from which event on to read.",
      handle: () => {
        const { args, cwd } = house.beginOf({});
        const words = [...(house.isModule ? ["python", "-m", "pytest"] : ["pytest"]), ...args];
        return json({ ...view.tell(), event: events.last, command: { words, cwd, root: house.root } });
      },
    }),
    route({
      ...plain,
      ...{ path: "/test", operation: "getTest", answer: "Test", query: requests.testQuery },
      summary: "One test: its failure, its source, its past.",
      handle: async ({ query }) => json(await tellTest(house, query.id)),
    }),
    route({
      ...{ method: "post", path: "/editor", operation: "openEditor", answer: "Opened", status: 202 },
      ...{ query: requests.noQuery, body: requests.editor },
      refusals: { 404: "There is no such file in the project.", 409: "There is no editor to open it in." },
      summary:
        "Opens a file of the project in the editor of whoever serves it: the configured one, or that of VISUAL or EDITOR.",
      handle: async ({ body }) => {
        const opened = await house.openEditor(body);
        if (opened.ok) return json({ editor: opened.value }, 202);
        const { error } = opened;
        if (error.kind === "no-file") throw new HttpError(404, "not-found", error.sentence);
        throw new HttpError(409, "conflict", error.sentence, error.next);
      },
    }),
    route({
      ...plain,
      ...{ path: "/watch", operation: "getWatch", answer: "Watched" },
      summary: "Whether somebody watches the served command.",
      handle: () => json({ isWatched: house.isWatched() }),
    }),
    route({
      ...{ method: "post", path: "/watch", operation: "runInWatch", answer: "Watch", status: 202 },
      ...{ query: requests.noQuery, body: requests.watch },
      refusals: { 409: "Nobody watches the served command." },
      summary: "Runs tests in the watch of the served command, in place of its run in flight.",
      handle: ({ body }) => {
        if (!house.again({ ...NO_CHOICE, ids: body.ids ?? null }))
          throw new HttpError(409, "conflict", "Nobody watches the served command.", "POST /runs");
        return json({ ids: body.ids?.length ?? null }, 202);
      },
    }),
    route({
      ...plain,
      ...{ path: "/outcomes", operation: "listOutcomes", answer: "Outcomes", query: requests.outcomesQuery },
      summary: "The last outcome of every test that is remembered.",
      handle: ({ query }) => {
        const last = new Map([...house.lastOutcomes(), ...registry.last]);
        const outcomes = [...last].map(([id, { outcome, durationMs }]) => ({ id, outcome, durationMs }));
        return json({ outcomes: outcomes.filter(({ outcome }) => (query.outcome ?? outcome) === outcome) });
      },
    }),
    route({
      ...plain,
      ...{ path: "/failures", operation: "listFailures", answer: "Failures" },
      summary: "Tests that failed in the last run that they were in, with pytest's report.",
      handle: async () => json({ failures: await house.failures() }),
    }),
    route({
      ...plain,
      ...{ path: "/edits", operation: "listEdits", answer: "Edits" },
      summary: "The files that were edited, and how often.",
      handle: () => json({ files: house.edits(), last: registry.lastEdit }),
    }),
    route({
      ...plain,
      ...{ path: "/history", operation: "getHistory", answer: "History", query: requests.historyQuery },
      summary: "The runs on record, the newest first.",
      handle: ({ query }) => json({ runs: house.history(query.limit) }),
    }),
    route({
      ...plain,
      ...{ path: "/past", operation: "getPast", answer: "Past" },
      summary: "Tests that pass and fail on the same code, that have become slower, and that take longest.",
      handle: () => json(house.past()),
    }),
    route({
      ...plain,
      ...{ path: "/why", operation: "explain", answer: "Why", query: requests.whyQuery },
      summary: "Why tests ran or did not: what prewarm why says.",
      handle: async ({ query }) => json({ lines: await house.why(query.about ?? "") }),
    }),
    route({
      ...plain,
      ...{ path: "/events", operation: "streamEvents", answer: "events", refusals: { 503: "Too many readers." } },
      summary: "Server-sent events of all runs; resumes by Last-Event-ID.",
      handle: ({ response, lastEventId }) => {
        if (events.open(response, lastEventId)) return { kind: "stream" };
        throw new HttpError(503, "busy", "There are too many readers of events.");
      },
    }),
    route({
      ...plain,
      ...{ path: "/openapi.json", operation: "getDocument", answer: "document" },
      summary: "This document.",
      handle: () => json(document()),
    }),
  ];
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new HttpError(404, "not-found", NO_RUN[404]);
  return value;
}

function accepted(id: string, registry: RunRegistry) {
  return json(found(registry.run(id)), 202, `/runs/${id}`);
}
