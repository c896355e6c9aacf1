import type { ApiRequest } from "../../protocol/api.ts";
import type { RunEvent } from "../../protocol/events.ts";
import type { FileChange } from "../../watch/file-change.ts";
import type { TrunkProcess } from "../../worker/trunk-process.ts";
import { EDITED } from "../programs/programs.ts";
import type { Session } from "../session.ts";
import { ProjectWatch } from "../watching/project-watch.ts";
import type { ClientConnection } from "./client-connection.ts";
import { configureWatch, describeEdit } from "./serve-watch.ts";

type RunRequest = Extract<ApiRequest, { type: "run" }>;

/** Imports come in swarms: what a program has loaded is followed when it has not loaded more for this long. */
const QUIET_MS = 25;

/** Runs a program for a client: once, or in a watch again from the latest possible checkpoint after each edit. */
export async function serveProgram(session: Session, request: RunRequest, client: ClientConnection): Promise<void> {
  if (request.watch) await watchProgram(session, request, client);
  else await runProgram(session, request, client, client.gone, () => {});
}

async function watchProgram(session: Session, request: RunRequest, client: ClientConnection): Promise<void> {
  const { root } = session.places;
  let next = Promise.withResolvers<readonly FileChange[]>();
  /** Warnings that were told: one is enough. */
  const warned = new Set<string>();
  /** What the program itself has written: no edit of a person's. */
  let made: ReadonlySet<string> = new Set();
  const notice = (changes: readonly FileChange[]) => {
    const edits = watch.withoutIgnored(changes).filter(({ path }) => !made.has(path));
    if (edits.length > 0) next.resolve(edits);
  };
  client.gone.addEventListener("abort", () => next.resolve([]));
  await using watch = new ProjectWatch(
    root,
    ({ fresh }) => notice(fresh),
    () => {},
    ({ code, message, nextStep }) => tell(client, { type: "warning", code, text: message, next: nextStep }),
  );
  const follow = async (process: TrunkProcess) => {
    const line = session.programs.loadedBy(process);
    made = new Set(line.flatMap((segment) => [...segment.made]));
    await watch.follow(line, []);
    tell(client, { type: "watching", files: watch.size });
  };
  while (!client.gone.aborted) {
    const superseded = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    let running: TrunkProcess | undefined;
    const onLoaded = (process: TrunkProcess) => {
      running = process;
      clearTimeout(timer);
      timer = setTimeout(() => void follow(process), QUIET_MS);
    };
    const abort = AbortSignal.any([client.gone, superseded.signal]);
    await configureWatch(session, request, watch);
    const run = runProgram(session, request, client, abort, onLoaded, warned);
    const wasSuperseded = await Promise.race([run.then(() => false), next.promise.then(() => true)]);
    if (wasSuperseded) superseded.abort(client.gone.aborted ? undefined : EDITED);
    const edit = wasSuperseded ? await next.promise : [];
    if (edit.length > 0) tell(client, describeEdit(root, edit));
    await run;
    clearTimeout(timer);
    if (!wasSuperseded) {
      if (running !== undefined) await follow(running);
      const later = await next.promise;
      if (later.length > 0) tell(client, describeEdit(root, later));
    }
    next = Promise.withResolvers();
    watch.take();
  }
}

async function runProgram(
  session: Session,
  request: RunRequest,
  client: ClientConnection,
  abort: AbortSignal,
  onLoaded: (process: TrunkProcess) => void,
  warned: Set<string> = new Set(),
): Promise<void> {
  const { launch, requester, watch, events } = request;
  const { configuration, greeting, programs } = session;
  const configured = await configuration.forRun(request);
  if (!configured.ok) {
    client.send({ type: "failed", problem: configured.error });
    return;
  }
  const { timeline, doubt } = configured.value;
  if (doubt !== null) tell(client, doubt);
  const verdict = await programs.run(
    {
      ...{ launch, requester, settings: timeline, isWatched: watch, onLoaded },
      onOutput: (stream, chunk) => client.sendOutput(stream, chunk),
      onEvent: (event) => {
        if (event.type === "warning" && warned.has(event.text)) return;
        if (event.type === "warning") warned.add(event.text);
        if (events || event.type === "warning") tell(client, event);
      },
    },
    { abort, interrupted: client.interrupted },
  );
  const told = { greeted: greeting.wasSaid, ttlMs: configuration.lifetime.ttlMs };
  client.send({ type: "finished", ...verdict, ...told });
}

function tell(client: ClientConnection, event: RunEvent): void {
  client.send({ type: "event", event });
}
