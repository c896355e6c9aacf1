import { relative } from "node:path";
import type { ApiRequest } from "../protocol/api.ts";
import type { FileEdit } from "../protocol/events.ts";
import type { FileChange } from "../watch/file-change.ts";
import type { ClientConnection } from "./client-connection.ts";
import { ProjectWatch } from "./project-watch.ts";
import { serveRun } from "./serve-run.ts";
import type { Session } from "./session.ts";

/** Runs at once and after each edit, until the client has gone. A newer edit supersedes the run in flight. */
export async function serveWatch(
  session: Session,
  request: Extract<ApiRequest, { type: "run" }>,
  client: ClientConnection,
): Promise<void> {
  const { root } = session.places;
  let edited = Promise.withResolvers<readonly FileChange[]>();
  client.gone.addEventListener("abort", () => edited.resolve([]));
  await using watch = new ProjectWatch(
    root,
    ({ fresh }) => edited.resolve(fresh),
    ({ code, message, nextStep }) =>
      client.send({ type: "event", event: { type: "warning", code, text: message, next: nextStep } }),
  );
  while (!client.gone.aborted) {
    const superseded = new AbortController();
    const run = serveRun(session, request, client, AbortSignal.any([client.gone, superseded.signal]));
    const wasSuperseded = await Promise.race([run.then(() => false), edited.promise.then(() => true)]);
    if (wasSuperseded) superseded.abort();
    await run;
    if (!wasSuperseded) await watch.follow(session.loadedBy(request.launch));
    const changes = await edited.promise;
    if (client.gone.aborted) return;
    client.send({ type: "event", event: { type: "edit", files: changes.map((change) => describe(root, change)) } });
    edited = Promise.withResolvers();
    client.gone.addEventListener("abort", () => edited.resolve([]));
    watch.take();
  }
}

function describe(root: string, { path, kind }: FileChange): FileEdit {
  const name = relative(root, path);
  return { path: name.startsWith("..") ? path : name, kind };
}
