// Packets of standard input for a test or a debugger of a run that `prewarm serve --stdio` was asked for.
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { RpcClient } from "../rig/rpc-client.ts";

const STOPS = {
  "test_stops.py": `
import sys
import time


def test_total():
    x = 41
    breakpoint()
    assert x == 42


def test_reads():
    assert sys.stdin.read() == "ä\\n"


def test_waits():
    time.sleep(600)
`,
};

/** What a run prints, read up to a text. */
async function printed(server: RpcClient, run: string, text: string): Promise<string> {
  let all = "";
  while (!all.includes(text)) {
    all += ((await server.notified("output", (params) => params.run === run)) as { text: string }).text;
  }
  return all;
}

test("a debugger is led by packets of standard input, in a run of several commands and parts", async () => {
  using project = new Project(STOPS);
  await using prewarm = new Prewarm(project);
  // What the command says of workers does not hold where somebody reads.
  using server = new RpcClient(prewarm, [], ["-n", "2"]);
  await server.ask("subscribe", { types: ["debugger", "test-finished"] });
  for (const run of ["1", "2"]) {
    await server.ask("run-tests", { ids: ["test_stops.py::test_total"], input: true });
    expect(await server.notified("event")).toMatchObject({
      event: { type: "debugger", place: "test_stops.py:8", id: "test_stops.py::test_total" },
    });
    expect(await printed(server, run, "(Pdb)")).toContain("test_stops.py(");
    expect((await server.ask("stdin", { run, text: "p x + 1" })).result).toEqual({});
    server.write(`{"jsonrpc": "2.0", "method": "stdin", "params": {"run": "${run}", "text": "000\\n"}}\n`);
    expect(await printed(server, run, "(Pdb)")).toContain("1041");
    await server.ask("stdin", { run, text: "x = 42\nc\n" });
    expect(await server.notified("event")).toMatchObject({ event: { type: "debugger", place: null } });
    expect(await server.notified("event")).toMatchObject({ event: { type: "test-finished", outcome: "passed" } });
    expect(await server.notified("finished")).toMatchObject({ run, exit: 0, records: [{ tests: 1 }] });
    expect(await printed(server, run, "1 passed")).toContain("PDB continue");
  }
  expect(readdirSync(prewarm.daemonFolder).filter((name) => name.endsWith(".in"))).toEqual([]);
});

test("a test reads what was sent before it began, up to the end that it was told of", async () => {
  using project = new Project(STOPS);
  await using prewarm = new Prewarm(project);
  using server = new RpcClient(prewarm, ["-s", "-k", "reads"]);
  for (const run of ["1", "2"]) {
    await server.ask("run-tests", { input: true });
    await server.ask("stdin", { run, text: "ä\n", end: true });
    expect(await server.notified("finished")).toMatchObject({ run, exit: 0 });
  }
  // Without `input` it reads an end of file at once.
  await server.ask("run-tests");
  expect((await server.ask("stdin", { run: "3", text: "ä\n" })).error).toMatchObject({ code: -32000 });
  expect(await server.notified("finished")).toMatchObject({ run: "3", exit: 1 });
  expect((await server.ask("stdin", { run: "3" })).error).toMatchObject({ code: -32001 });
});

test("input that nobody reads is refused at last, and a run that waits for input can be cancelled", async () => {
  using project = new Project(STOPS);
  await using prewarm = new Prewarm(project);
  using server = new RpcClient(prewarm);
  await server.ask("subscribe", { types: ["debugger", "test-started"] });
  await server.ask("run-tests", { ids: ["test_stops.py::test_waits"], input: true });
  expect(await server.notified("event")).toMatchObject({ event: { type: "test-started" } });
  for (;;) {
    const { error } = await server.ask("stdin", { run: "1", text: "#".repeat(500_000) });
    if (error === undefined) continue;
    expect(error).toMatchObject({ code: -32000 });
    break;
  }
  await server.ask("cancel", { run: "1" });
  expect(await server.notified("finished")).toMatchObject({ run: "1", exit: 2 });

  // No line ends: the prompt waits on. Neither does the next test begin to wait.
  await server.ask("run-tests", { args: ["-k", "total or waits"], input: true });
  await server.notified("event", (params) => (params.event as { type: string }).type === "debugger");
  expect((await server.ask("stdin", { run: "2", text: "p x" })).result).toEqual({});
  await server.ask("cancel", { run: "2" });
  expect(await server.notified("finished")).toMatchObject({ run: "2", exit: 2 });
});
