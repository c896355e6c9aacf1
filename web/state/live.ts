import { batch, signal } from "@preact/signals";
import type { RunEvent } from "../../src/protocol/events.ts";
import type { HttpView } from "../../src/protocol/http-schema.ts";
import { RunQueue } from "../../src/report/run-queue.ts";
import { applyEvents, EMPTY_VIEW, type RunView } from "../../src/report/run-view.ts";
import { type FeedEvent, readEvents } from "./event-feed.ts";
import { reviveView } from "./revive-view.ts";
import { Refusal, type Server } from "./server.ts";
import { EMPTY_INDEX, indexTests } from "./test-index.ts";

/** Whether what is shown is what is: `lost` since a moment, `refused` where the token is not that of this server. */
export type Connection =
  | { readonly kind: "connecting" | "live" | "refused" }
  | { readonly kind: "lost"; readonly sinceMs: number };

/** The page is made anew at most ten times a second: nobody reads quicker, and a thousand outcomes come in one. */
const BETWEEN_FRAMES_MS = 100;
const BEFORE_RETRY_MS = 1_000;

export const connection = signal<Connection>({ kind: "connecting" });
export const view = signal<RunView>(EMPTY_VIEW);
export const index = signal(EMPTY_INDEX);
/** The served command: its words, where it is started, and the project's folder. */
export const command = signal<HttpView["command"]>({ words: [], cwd: "", root: "" });
/** The daemon's id of the run whose events are in the view, or of the last one. */
export const currentRun = signal<string | null>(null);
/** Counts runs that have ended, of any command: whoever shows something of the past asks anew. */
export const endedRuns = signal(0);
/** When runs were last heard of, by number. */
export const runTimes = new Map<number, number>();
/** When the run in flight was first heard of. */
export const runSinceMs = signal(Date.now());

const queue = new RunQueue();
let pending: RunEvent[] = [];
let ended = 0;
let isScheduled = false;
let lastFrameMs = 0;

/** Shows what the server tells, for as long as the page is open; comes back by itself where the connection was lost. */
export async function stayLive(server: Server): Promise<never> {
  let from: string | undefined;
  for (;;) {
    let hasMissed = false;
    try {
      from ??= await loadView(server);
      await readEvents(
        server,
        from,
        new AbortController().signal,
        () => {
          // Nothing may have happened that it could tell.
          connection.value = { kind: "live" };
        },
        (events) => {
          from = take(events);
          hasMissed = from === undefined;
          return !hasMissed;
        },
      );
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) connection.value = { kind: "refused" };
    }
    // Of another daemon, or too much later: what is shown is asked for anew, as it is now.
    if (hasMissed) continue;
    if (connection.value.kind === "live") connection.value = { kind: "lost", sinceMs: Date.now() };
    await new Promise((resolve) => setTimeout(resolve, BEFORE_RETRY_MS));
  }
}

async function loadView(server: Server): Promise<string> {
  const told = await server.get("View", "/view");
  const { current } = told.queue;
  const sinceMs = current === null ? Date.now() : (await server.get("Run", `/runs/${current}`)).startedMs;
  pending = [];
  queue.resume(current, told.queue.waiting as Parameters<typeof queue.resume>[1]);
  runTimes.clear();
  ended += 1;
  for (const { run, atMs } of told.runTimes) runTimes.set(run, atMs);
  batch(() => {
    connection.value = { kind: "live" };
    command.value = told.command;
    endedRuns.value = ended;
    currentRun.value = current;
    show(reviveView(told));
    runSinceMs.value = sinceMs;
  });
  return told.event;
}

/** Takes events up; returns the id of the last one, or undefined where the view has to be loaded anew. */
function take(events: readonly FeedEvent[]): string | undefined {
  for (const each of events) {
    if (each.kind === "reset") return undefined;
    if (each.event.type === "run-finished") ended += 1;
    if (!each.isServed) continue;
    if (queue.current === null) currentRun.value = each.run;
    pending.push(...queue.take({ run: each.run, event: each.event }));
  }
  schedule();
  return events.at(-1)?.id;
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  const waitMs = Math.max(0, lastFrameMs + BETWEEN_FRAMES_MS - performance.now());
  setTimeout(frame, waitMs);
}

function frame(): void {
  isScheduled = false;
  lastFrameMs = performance.now();
  const events = pending;
  pending = [];
  batch(() => {
    endedRuns.value = ended;
    if (queue.current !== null) currentRun.value = queue.current;
    if (events.length > 0) show(applyEvents(view.value, events, Date.now()));
  });
}

function show(next: RunView): void {
  const { run } = next;
  if (run !== undefined) {
    if (run.number !== view.value.run?.number) runSinceMs.value = Date.now();
    if (run.number !== view.value.run?.number || run.record === undefined || !runTimes.has(run.number))
      runTimes.set(run.number, Date.now());
  }
  view.value = next;
  index.value = indexTests(next, index.value);
}
