import { signal } from "@preact/signals";
import type { NodeId } from "../../src/protocol/ids.ts";
import { fileOf } from "../../src/report/format-failure.ts";
import { connection, currentRun, index, view } from "./live.ts";
import { reveal, selected, viewName } from "./place.ts";
import { Refusal, type Server } from "./server.ts";

/** What the last button came to, where that was a refusal; empty otherwise. */
export const refusal = signal("");

let server: Server | undefined;

/** Buttons ask this server. */
export function setServer(of: Server): void {
  server = of;
}

/** The server, for who shows something on demand. */
export function theServer(): Server {
  if (server === undefined) throw new Error("Expected a server.");
  return server;
}

/** Whether a run is in flight. */
export function isRunning(): boolean {
  return view.value.run !== undefined && view.value.run.record === undefined;
}

/** Node ids of the tests that fail as far as is known. */
function failingIds(): readonly string[] {
  return [...view.value.tests].flatMap(([id, { failing }]) => (failing === undefined ? [] : [id]));
}

/** Node ids of the tests that did not run in the last run. */
function notRunIds(): readonly string[] {
  const { tests, run } = view.value;
  return [...tests].flatMap(([id, test]) => (test.isOutdated || test.run !== run?.number ? [id] : []));
}

/** The tests in a node. */
export function idsIn(key: string): readonly string[] {
  const { tree, ids } = index.value;
  const node = tree.places.get(key);
  if (node === undefined) return [];
  return [...tree.tests.subarray(node, tree.ends[node])].flatMap((test) => (test === -1 ? [] : (ids[test] ?? [])));
}

export function runAll(): void {
  ask(async () => start({}));
}

export function runFailed(): void {
  runThese(failingIds());
}

export function runNotRun(): void {
  runThese(notRunIds());
}

export function runSelected(): void {
  runThese(idsIn(selected.value));
}

export function stop(): void {
  const run = currentRun.value;
  if (run !== null && isRunning()) ask(async () => theServer().post(`/runs/${run}/cancel`));
}

/** Opens the selected test where it fails, else where it begins; a file at its first line. */
export function openInEditor(): void {
  const key = selected.value;
  if (key === "") return;
  ask(async () => theServer().post("/editor", await placeOf(key)));
}

async function placeOf(key: string): Promise<{ readonly path: string; readonly line: number }> {
  const failing = view.value.tests.get(key as NodeId)?.failing;
  const [, path, line] = /^(.+):(\d+)$/.exec(failing?.place ?? "") ?? [];
  if (path !== undefined) return { path, line: Number(line) };
  const { source } = await theServer().get("Test", `/test?id=${encodeURIComponent(key)}`);
  return { path: fileOf(key), line: source?.line ?? 1 };
}

/** Selects the next test that fails, behind the selected one. */
export function nextFailure(): void {
  const { tree, ids, tests } = index.value;
  const from = (tree.places.get(selected.value) ?? -1) + 1;
  const size = tree.names.length;
  for (let step = 0; step < size; step += 1) {
    const test = tree.tests[(from + step) % size] ?? -1;
    if (test === -1 || tests[test]?.failing === undefined) continue;
    viewName.value = "tests";
    reveal(ids[test] ?? "");
    return;
  }
}

/** Leads from anywhere to a test in the tree. */
export function showTest(id: string): void {
  viewName.value = "tests";
  reveal(id);
}

function runThese(ids: readonly string[]): void {
  if (ids.length > 0) ask(async () => start({ ids }));
}

/** A watch runs it in place of its own run; where nobody watches any more it is a run by itself. */
async function start(body: { readonly ids?: readonly string[] }): Promise<void> {
  try {
    await theServer().post("/watch", body);
  } catch (error) {
    if (!(error instanceof Refusal && error.status === 409)) throw error;
    await theServer().post("/runs", body);
  }
}

/** Asks, and shows a refusal. */
export function ask(request: () => Promise<unknown>): void {
  if (connection.value.kind !== "live") return;
  refusal.value = "";
  void request().catch((error: unknown) => {
    refusal.value = error instanceof Refusal ? `${error.problem.sentence} ${error.problem.next}`.trim() : String(error);
  });
}
