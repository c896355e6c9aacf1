import { closeSync, writeSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { VERSION } from "../base/version.ts";
import type { DaemonStatus } from "../protocol/api.ts";
import { problem } from "../protocol/errors.ts";
import { Configuration } from "./configuration.ts";
import { ClientConnection, type Desk } from "./doors/client-connection.ts";
import { OnDemand } from "./doors/on-demand.ts";
import { tellPast } from "./doors/past.ts";
import { serveHttp } from "./doors/serve-http.ts";
import { serveProgram } from "./doors/serve-program.ts";
import { serveRun } from "./doors/serve-run.ts";
import { serveWatch } from "./doors/serve-watch.ts";
import { IdleTimer, removeLeftovers, takeLock } from "./lifecycle.ts";
import { Session } from "./session.ts";
import { describeStatus } from "./status.ts";
import { explainLast } from "./watching/explain-last.ts";

/** The descriptor on which the starting command line waits to hear that the daemon listens. */
const READY_DESCRIPTOR = 3;

const [stateFolder = "", root = "", ttlSeconds = "", idlePercent = ""] = process.argv.slice(2);
const lock = takeLock(stateFolder);
if (lock === undefined) {
  // Another daemon was quicker: whoever started this one connects to that.
  process.exit(0);
}
removeLeftovers(stateFolder);
process.chdir("/");

const agentFolder = fileURLToPath(new URL("../agent", import.meta.url));
const configuration = new Configuration(root, givenNumber(ttlSeconds), givenNumber(idlePercent));
const { lifetime } = configuration;
const session = new Session({ root, stateFolder, agentFolder, log }, configuration);
const startedMs = Date.now();
// What is wrong in the configuration is told to whoever asks for a run.
const configured = await configuration.values(process.env);
if (configured.ok) configuration.take(configured.value);
const idle = new IdleTimer(() => lifetime.ttlMs, leave);

const desk: Desk = {
  version: VERSION,
  run: async (request, client) => {
    await guarded(client, async () => {
      if (request.launch.command !== undefined) {
        using _ = await session.idleCheck.yieldTo();
        await serveProgram(session, request, client);
      } else if (request.watch) await serveWatch(session, request, client);
      else if (request.affected === undefined) await serveRun(session, request, client, client.gone, request.choice);
      else await onDemand(client).run(request, client);
    });
  },
  http: async (request, client) => {
    await guarded(client, () => serveHttp(session, request, client, status));
  },
  status: async (client) => {
    client.send({ type: "status", status: await status() });
  },
  failures: () => session.runLog.failures,
  past: () => tellPast(session),
  lastRun: () => session.lastRun.tell(session.freshness),
  greeted: () => session.greeting.said(),
  why: (about) => explainLast(session, about),
  restart: () => session.restart(),
  stop: leave,
};

function givenNumber(word: string): number | undefined {
  return word === "" ? undefined : Number(word);
}

function status(): Promise<DaemonStatus> {
  return describeStatus(session, { version: VERSION, startedMs, ttlMs: lifetime.ttlMs });
}

/** A fault of ours ends what was asked for, not the daemon and what it holds for others. */
async function guarded(client: ClientConnection, act: () => Promise<void>): Promise<void> {
  const end = idle.begin();
  try {
    await act();
  } catch (error) {
    log(`fault: ${error instanceof Error ? error.stack : String(error)}`);
    client.send({ type: "failed", problem: problem("internal", "prewarm itself failed.", "prewarm logs") });
  } finally {
    end();
  }
}

const demands = new WeakMap<ClientConnection, OnDemand>();

/** What is known of a connection's tests goes with the connection. */
function onDemand(client: ClientConnection): OnDemand {
  const known = demands.get(client) ?? new OnDemand(session);
  if (!demands.has(client)) client.gone.addEventListener("abort", () => known[Symbol.dispose]());
  demands.set(client, known);
  return known;
}

process.on("SIGTERM", leave);
process.on("SIGINT", leave);
process.on("SIGHUP", () => {});

await session.listen();
const server = createServer((socket) => new ClientConnection(socket, desk));
server.listen(join(stateFolder, "daemon.sock"), () => {
  try {
    writeSync(READY_DESCRIPTOR, "ready\n");
    closeSync(READY_DESCRIPTOR);
  } catch {
    // Started by hand: nobody waits.
  }
  session.history.open();
});

/** A full disk is no reason to end. */
function log(line: string): void {
  try {
    writeSync(2, `${new Date().toISOString()} ${line}\n`);
  } catch {
    // There is nowhere to say so.
  }
}

/** Ends every process of ours, and then this one. */
function leave(): void {
  idle.stop();
  session.end();
  removeLeftovers(stateFolder);
  lock?.release();
  process.exit(0);
}
