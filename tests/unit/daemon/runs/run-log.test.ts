// What fails now, whoever ran it; and that a listener is only told.
import { expect, test } from "vitest";
import { RunLog } from "../../../../src/daemon/runs/run-log.ts";
import type { RunRequest } from "../../../../src/daemon/runs/run-request.ts";
import { NO_CHOICE } from "../../../../src/protocol/api.ts";
import type { Outcome, RunEvent, RunRecord } from "../../../../src/protocol/events.ts";
import type { NodeId, RunId } from "../../../../src/protocol/ids.ts";

const NEVER = new AbortController().signal;

test("a test fails until it passes, is gone, or its file collects", () => {
  const { log, run } = begun();
  run("r1", [
    finished("a.py::one", "failed"),
    finished("a.py::two", "error"),
    broken("b.py"),
    finished("a.py::ok", "passed"),
  ]);
  expect(log.failures).toMatchObject([
    { id: "a.py::one", outcome: "failed", run: "r1", text: "E   assert 0" },
    { id: "a.py::two", outcome: "error" },
    { id: "b.py", outcome: "error", text: "E   SyntaxError" },
  ]);
  run("r2", [collected("b.py::first"), finished("a.py::one", "passed")]);
  expect(log.failures.map(({ id }) => id)).toEqual(["a.py::two"]);
  run("r3", [
    {
      type: "plan",
      tests: 1,
      affected: 0,
      unaffected: 1,
      gone: ["a.py::two" as NodeId],
      outdated: [],
      changes: [],
      reasons: {},
    },
  ]);
  expect(log.failures).toEqual([]);
});

test.each([
  ["is gone where it was asked for by name and is not there", 5, []],
  ["fails still where that run came to nothing", 2, ["a.py::one"]],
])("a test %s", (_, exit, left) => {
  const { log, run } = begun();
  run("r1", [finished("a.py::one", "failed")]);
  run("r2", [ended(exit)], { choice: { ...NO_CHOICE, ids: ["a.py::one"] } });
  expect(log.failures.map(({ id }) => id)).toEqual(left);
});

test("what comes after a run was given up is no failure, and a listener hears of no outcome", () => {
  const { log, run } = begun();
  const heard: RunEvent[] = [];
  log.tap((_, event) => heard.push(event));
  run("r1", [finished("a.py::one", "failed"), ended(137)], {}, AbortSignal.abort());
  expect(log.failures).toEqual([]);
  expect(heard).toMatchObject([{ type: "run-finished", record: { exit: null } }]);
});

test("a listener that fails is dropped, and the requester has every event", () => {
  const { log, run, lines } = begun();
  let calls = 0;
  log.tap(() => {
    calls += 1;
    throw new Error("nobody there");
  });
  const told = run("r1", [finished("a.py::one", "failed"), finished("a.py::two", "passed")]);
  expect(told).toHaveLength(2);
  expect(calls).toBe(1);
  expect(lines).toEqual([expect.stringContaining("nobody there")]);
});

test("failures and their reports are bounded: the oldest go, and the end of a report is kept", () => {
  const { log, run } = begun();
  const text = `start${"x".repeat(50_000)}E   assert 0`;
  run(
    "r1",
    Array.from({ length: 1_200 }, (_, n) => ({ ...finished(`a.py::t${n}`, "failed"), text })),
  );
  expect(log.failures).toHaveLength(1_000);
  expect(log.failures[0]?.id).toBe("a.py::t200");
  const [{ text: kept = "" } = {}] = log.failures;
  expect(kept.length).toBeLessThan(21_000);
  expect([kept.startsWith("start"), kept.endsWith("E   assert 0")]).toEqual([true, true]);
});

function begun() {
  const lines: string[] = [];
  const log = new RunLog((line) => lines.push(line));
  const run = (id: string, events: readonly RunEvent[], more: Partial<RunRequest> = {}, abort = NEVER): RunEvent[] => {
    const told: RunEvent[] = [];
    const request = {
      choice: NO_CHOICE,
      onEvent: (event: RunEvent) => told.push(event),
      ...more,
    } as unknown as RunRequest;
    const { onEvent } = log.begin(id, request, abort);
    for (const event of events) onEvent(event);
    return told;
  };
  return { log, run, lines };
}

function finished(id: string, outcome: Outcome): RunEvent & { readonly type: "test-finished" } {
  const text = outcome === "passed" ? undefined : "E   assert 0";
  return { type: "test-finished", id: id as NodeId, outcome, durationMs: 1, text };
}

function broken(id: string): RunEvent {
  return { type: "collect-failed", id, text: "E   SyntaxError" };
}

function collected(...ids: readonly string[]): RunEvent {
  return { type: "collected", ids: ids as readonly NodeId[] };
}

function ended(exit: number): RunEvent {
  return { type: "run-finished", run: "r2" as RunId, record: { exit } as RunRecord };
}
