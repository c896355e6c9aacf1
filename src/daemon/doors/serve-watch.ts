import { relative } from "node:path";
import type { Segment } from "../../graph/segment.ts";
import { type ApiRequest, type Choice, NO_CHOICE } from "../../protocol/api.ts";
import type { EditEvent } from "../../protocol/events.ts";
import { UNCHANGED } from "../../report/edit-words.ts";
import type { FileChange } from "../../watch/file-change.ts";
import type { Session } from "../session.ts";
import type { LiveWatch } from "../watching/live-watches.ts";
import { oneWorkerWarning } from "../watching/one-worker-warning.ts";
import { ProjectWatch } from "../watching/project-watch.ts";
import { SideEffects } from "../watching/side-effects.ts";
import type { ClientConnection } from "./client-connection.ts";
import { serveRun } from "./serve-run.ts";

type RunOrder = Extract<ApiRequest, { type: "run" }>;

/** Why the next run begins. */
type Cause =
  | { readonly kind: "edit"; readonly changes: readonly FileChange[] }
  | { readonly kind: "again" }
  | { readonly kind: "gone" };

/** Runs at once and after each edit or choice, until the client has gone. What is newer supersedes the run in flight. */
export async function serveWatch(session: Session, request: RunOrder, client: ClientConnection): Promise<void> {
  const { root } = session.places;
  let next = Promise.withResolvers<Cause>();
  let choice = NO_CHOICE;
  let edit: EditEvent | null = null;
  /** What was asked for and has not begun: of several choices the last one counts. */
  let asked: Choice | undefined;
  client.onAgain = (chosen) => {
    asked = chosen;
    next.resolve({ kind: "again" });
  };
  const live: LiveWatch = {
    ...{ launch: request.launch, cwd: request.requester.cwd, run: null },
    again: (chosen) => client.onAgain(chosen),
    interrupt: () => client.interrupted.dispatchEvent(new Event("interrupt")),
  };
  using _ = session.watches.live.open(live);
  client.onBegin = (run) => {
    live.run = run;
  };
  client.gone.addEventListener("abort", () => next.resolve({ kind: "gone" }));
  const sideEffects = new SideEffects();
  let isRunning = false;
  /** What a run has begun for because it changed under the start of the one before: once, since a start may change it each time. */
  const repeatedFor = new Set<string>();
  const notice = (all: readonly FileChange[]) => {
    const changes = watch.withoutIgnored(all);
    if (isRunning && watch.mayWait(changes)) sideEffects.add(changes);
    else if (changes.length > 0) next.resolve({ kind: "edit", changes });
  };
  await using watch = new ProjectWatch(
    root,
    ({ fresh }) => notice(fresh),
    () => {
      if (!isRunning) client.send({ type: "progress", text: UNCHANGED });
    },
    ({ code, message, nextStep }) =>
      client.send({ type: "event", event: { type: "warning", code, text: message, next: nextStep } }),
  );
  const oneWorker = (await isOnNodes(session, request)) ? null : oneWorkerWarning(request.workers);
  if (oneWorker !== null) client.send({ type: "event", event: oneWorker });
  using narrowing = session.watches.narrow(request.launch.python);
  while (!client.gone.aborted) {
    const superseded = new AbortController();
    isRunning = true;
    sideEffects.begin();
    await configureWatch(session, request, watch);
    const run = serveRun(
      session,
      request,
      client,
      AbortSignal.any([client.gone, superseded.signal]),
      choice,
      edit,
      narrowing,
    );
    const wasSuperseded = await Promise.race([run.then(() => false), next.promise.then(() => true)]);
    if (wasSuperseded) superseded.abort();
    const testFiles = await run;
    // What still looks half-written was written under this run, too.
    if (!wasSuperseded) notice(watch.take().fresh);
    isRunning = false;
    if (!wasSuperseded) {
      watch.followTests(testFiles);
      await watch.follow(session.loadedBy(request.launch), narrowing.usedByTests());
      // Until the sources are read that this run was led from, an edit of them affects everything.
      await Promise.race([narrowing.settle(), next.promise]);
      client.send({ type: "event", event: { type: "watching", files: watch.size } });
      const unsure = changedWhileUsed(session.loadedBy(request.launch));
      const changes = [
        ...sideEffects.take((path) => narrowing.writerOf(path)),
        ...unsure.filter(({ path }) => !repeatedFor.has(path)),
      ];
      if (unsure.length === 0) repeatedFor.clear();
      for (const { path } of unsure) repeatedFor.add(path);
      if (changes.length > 0) next.resolve({ kind: "edit", changes });
    }
    const cause = await next.promise;
    if (cause.kind === "gone" || client.gone.aborted) return;
    next = Promise.withResolvers();
    edit = cause.kind === "edit" ? describeEdit(root, cause.changes) : null;
    if (cause.kind === "edit") narrowing.foresee(cause.changes.map(({ path }) => path));
    narrowing.isNarrowing = cause.kind === "edit" && asked === undefined && !request.all;
    // An edit ends what was chosen by id, not a filter.
    choice = asked ?? { ...choice, ids: null };
    asked = undefined;
    narrowing.isFiltered = choice.ids !== null || choice.path !== "" || choice.name !== "";
    watch.takeUnlessToldNow();
  }
}

/** Whether others run the tests: then there are as many workers as somebody has asked for. */
async function isOnNodes(session: Session, request: RunOrder): Promise<boolean> {
  const configured = await session.configuration.forRun(request);
  return configured.ok && configured.value.nodes !== null;
}

/** Files of which nobody knows what a run has loaded: they may be by now as they were before it, which no look tells. */
function changedWhileUsed(segments: readonly Segment[]): readonly FileChange[] {
  const paths = new Set(segments.flatMap((segment) => [...segment.changed]));
  return [...paths].map((path) => ({ path, kind: "modified", of: "file" }));
}

/** The versions from before the run: what changes while it reads them is an edit. */
export async function configureWatch(session: Session, request: RunOrder, watch: ProjectWatch): Promise<void> {
  const configured = await session.configuration.forRun(request);
  if (!configured.ok) return;
  const { timeline, values } = configured.value;
  const files = [...session.configuration.files, ...timeline.named.map(([path]) => path)];
  watch.configure(session.places.root, files, {
    watchGlobs: values["watch-globs"],
    ignoreGlobs: values["ignore-globs"],
  });
}

/** What is told of an edit. */
export function describeEdit(root: string, changes: readonly FileChange[]): EditEvent {
  const files = changes.map(({ path, kind }) => {
    const name = relative(root, path);
    return { path: name.startsWith("..") ? path : name, kind };
  });
  return { type: "edit", files, writtenMs: writtenMs(changes) };
}

/** When the newest of these was written; a deletion leaves no time behind. */
function writtenMs(changes: readonly FileChange[]): number | null {
  const times = changes.flatMap(({ signature }) => (signature === undefined ? [] : [Number(signature.mtimeNs) / 1e6]));
  return times.length === 0 ? null : Math.max(...times);
}
