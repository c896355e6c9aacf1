// What HTTP keeps for its readers has bounds, whatever the suite and however long it is served.
import { once } from "node:events";
import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { RunEvent } from "../../../src/protocol/events.ts";
import type { NodeId } from "../../../src/protocol/ids.ts";
import { EventStream } from "../../../src/surfaces/http/event-stream.ts";
import { RunRegistry } from "../../../src/surfaces/http/run-registry.ts";

const BEGIN = { args: [], cwd: "/project" };

test("old events are forgotten, and whoever comes back for them is told to begin anew", async () => {
  const events = new EventStream();
  const read = await served(events);
  for (let n = 1; n <= 25_000; n += 1) events.add("r1", started(n), true);
  const [epoch] = (await read("none-0")).split("-");
  expect(await read(`${epoch}-24998`)).toContain(`t24999"}}\n\nid: ${epoch}-25000`);
  expect(await read(`${epoch}-100`)).toMatch(/event: reset\ndata: \{\}\n\n$/);
  expect(await read(`${epoch}-25000`)).not.toContain("data:");
  expect(await read(`${epoch}-25001`)).toContain("event: reset");
});

test("so do outcomes of old runs, and old runs", () => {
  const registry = new RunRegistry(() => 0);
  for (let run = 1; run <= 3; run += 1) {
    for (let n = 0; n < 60_000; n += 1) registry.add(`r${run}`, finished(n), BEGIN);
  }
  expect(registry.outcomes("r1")?.outcomes).toHaveLength(0);
  expect(registry.outcomes("r3")?.outcomes).toHaveLength(60_000);
  expect(registry.run("r1")?.counts).toEqual({ passed: 60_000 });
  for (let run = 4; run <= 500; run += 1) {
    registry.begin(`r${run}`, BEGIN, false);
    registry.end(`r${run}`, null);
  }
  // Runs that have not ended stay, however many came after them.
  expect(registry.run("r1")).toBeDefined();
  expect(registry.runs.length).toBeLessThan(205);
  expect(registry.run("r5")).toBeUndefined();
});

test("of a long output the end is kept", () => {
  const registry = new RunRegistry(() => 0);
  registry.begin("r1", BEGIN, true);
  for (let n = 0; n < 300; n += 1) registry.addOutput("r1", Buffer.from(`${n}`.padEnd(10_000, ".")));
  const output = registry.output("r1") ?? Buffer.alloc(0);
  expect(output.length).toBeLessThan(1024 * 1024 + 10_000);
  expect(output.toString().endsWith("299".padEnd(10_000, "."))).toBe(true);
});

/** Serves the stream; what this returns reads what a reader is told at first, up to `quiet`. */
async function served(events: EventStream): Promise<(lastEventId: string) => Promise<string>> {
  const server = createServer((request, response) => {
    events.open(response, String(request.headers["last-event-id"]));
    // The next beat would come much later.
    response.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return async (id) => {
    const [response] = (await once(get({ port, headers: { "last-event-id": id } }), "response")) as [IncomingMessage];
    let text = "";
    for await (const part of response) text += String(part);
    const reset = /^id: (\S+)\nevent: reset/m.exec(text);
    return id === "none-0" ? (reset?.[1] ?? "") : text;
  };
}

function started(n: number): RunEvent {
  return { type: "test-started", id: `t${n}` as NodeId };
}

function finished(n: number): RunEvent {
  return { type: "test-finished", id: `a.py::t${n}` as NodeId, outcome: "passed", durationMs: 1 };
}
