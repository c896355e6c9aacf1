// A process that dies while it writes leaves a database with whole batches in it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { nodeId, SUITE, TempHistory } from "./temp-history.ts";

const WRITER = fileURLToPath(new URL("writer.ts", import.meta.url));

test.for([1, 3, 10])("killed after batch %s", async (last) => {
  using temp = new TempHistory();
  const writer = spawn(process.execPath, [WRITER, temp.folder], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  for await (const chunk of writer.stdout) {
    said += String(chunk);
    if (said.split("\n").length > last) break;
  }
  // It writes the next batch in this moment.
  writer.kill("SIGKILL");
  await once(writer, "exit");
  expect(said).toMatch(/^(?:\d+\n)+$/);

  const history = temp.open();
  const batches = history.edits().map(({ lastMs }) => lastMs);
  expect(history.takeWarning()).toBeUndefined();
  expect(batches).toEqual(Array.from({ length: batches.length }, (_, index) => index + 1));
  expect(batches.length).toBeGreaterThanOrEqual(last);
  expect(history.runs(1000)).toHaveLength(batches.length);
  const outcomes = [...history.lastOutcomes(SUITE).values()];
  expect(outcomes).toHaveLength(500);
  expect(new Set(outcomes.map(({ durationMs }) => durationMs))).toEqual(new Set([batches.length]));
  history.addEdits(["/p/next.py"], 1);
  expect(history.edits().at(-1)?.path).toBe("/p/next.py");
  expect(history.recentOutcomes(SUITE, nodeId("test_1"), 1)).toHaveLength(1);
  const database = new DatabaseSync(temp.file);
  expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
  database.close();
});
