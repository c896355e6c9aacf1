import { ok } from "../../base/result.ts";
import { type ApiRequest, type Choice, NO_CHOICE } from "../../protocol/api.ts";
import type { EditEvent, RunEvent } from "../../protocol/events.ts";
import { fileOf } from "../../report/format-failure.ts";
import { reachNodes } from "../nodes/reach-nodes.ts";
import type { Bridge } from "../runs/run-request.ts";
import type { Session } from "../session.ts";
import type { Narrowing } from "../watching/narrowing.ts";
import type { RunHost } from "./run-host.ts";

/**
 * Runs once for a client, and tells it everything. A run that was superseded ends without an exit code. Resolves with the
 * test files that it has executed, as node ids name them.
 */
export async function serveRun(
  session: Session,
  request: Extract<ApiRequest, { type: "run" }>,
  client: RunHost,
  abort: AbortSignal = client.gone,
  choice: Choice = NO_CHOICE,
  edit: EditEvent | null = null,
  narrowing: Narrowing | null = null,
): Promise<ReadonlySet<string>> {
  const testFiles = new Set<string>();
  const { launch, requester, plain, events, native, debugpy, measure, repeat } = request;
  const configured = await session.configuration.forRun(request);
  if (!configured.ok) {
    client.send({ type: "failed", problem: configured.error });
    return testFiles;
  }
  const { workers, timeline, doubt, nodes } = configured.value;
  if (doubt !== null) client.send({ type: "event", event: doubt });
  const onNodes = request.node === undefined ? await reachNodes(session, nodes, request, workers) : ok(undefined);
  if (!onNodes.ok) {
    client.send({ type: "failed", problem: onNodes.error });
    return testFiles;
  }
  const { promise: answered, resolve: isAnswered } = Promise.withResolvers<void>();
  if (client.gone.aborted) isAnswered();
  client.gone.addEventListener("abort", () => isAnswered(), { once: true });
  const verdict = await session.run(
    {
      launch,
      requester,
      choice,
      native,
      narrowing,
      plain,
      workers,
      settings: timeline,
      debugpy,
      measure,
      onNodes: onNodes.value,
      bridge: bridgeOf(request, client),
      repeat,
      answered,
      edit,
      onBegin: client.onBegin,
      onOutput: (stream, chunk) => client.sendOutput(stream, chunk),
      onProgress: (text) => client.send({ type: "progress", text }),
      onEvent: (told) => {
        const event = abort.aborted ? withoutEnd(told) : told;
        if (event === undefined) return;
        if (event.type === "collected") for (const id of event.ids) testFiles.add(fileOf(id));
        if (event.type === "collect-failed") testFiles.add(fileOf(event.id));
        if (events || event.type === "warning" || event.type === "edit" || event.type === "debugger")
          client.send({ type: "event", event });
      },
    },
    { abort, interrupted: client.interrupted },
  );
  const told = { greeted: session.greeting.wasSaid, ttlMs: session.configuration.lifetime.ttlMs };
  if (abort.aborted)
    client.send({ type: "finished", record: { ...verdict.record, exit: null }, problem: null, ...told });
  else client.send({ type: "finished", ...verdict, ...told });
  // Whoever watches stays, and has nothing to do now.
  if (request.watch) isAnswered();
  return testFiles;
}

/** Home at the other end of a connection, for a run whose part this machine takes as a node. */
function bridgeOf({ node }: Extract<ApiRequest, { type: "run" }>, client: RunHost): Bridge | undefined {
  if (node === undefined) return undefined;
  return {
    node,
    tell: (message) => client.send({ type: "node-message", message }),
    onLeader: (tell) => {
      client.onNodeOrder = tell;
    },
  };
}

/** A run that is not wanted any more is killed: what that looks like is no outcome of a test. */
function withoutEnd(event: RunEvent): RunEvent | undefined {
  if (event.type === "test-finished") return undefined;
  return event.type === "run-finished" ? { ...event, record: { ...event.record, exit: null } } : event;
}
