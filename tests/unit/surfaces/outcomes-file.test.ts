import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { NodeId } from "../../../src/protocol/ids.ts";
import { Outcomes, prepareOutcomesFile, writeOutcomesFile } from "../../../src/surfaces/files/outcomes-file.ts";
import { makeFolder } from "../cli/temp-folder.ts";

test("a file holds the exit code and each outcome, and collection errors under their own key", () => {
  const outcomes = new Outcomes();
  outcomes.add({ type: "test-finished", id: "t.py::a" as NodeId, outcome: "xfailed", durationMs: 1 });
  outcomes.add({ type: "collect-failed", id: "u.py", text: "E" });
  const folder = makeFolder();
  const file = join(folder, "outcomes.json");
  writeOutcomesFile(file, outcomes.toText(2));
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({
    exit: 2,
    outcomes: { "t.py::a": "xfailed", "collect:u.py": "error" },
  });
  expect(readdirSync(folder)).toEqual(["outcomes.json"]);
});

test("the outcomes of an earlier run are gone before the next one begins", () => {
  const folder = makeFolder();
  const file = join(folder, "outcomes.json");
  writeFileSync(file, "old");
  prepareOutcomesFile(file);
  expect(readdirSync(folder)).toEqual([]);
});

test("a place that cannot be written is refused before the run", () => {
  const folder = makeFolder();
  expect(() => prepareOutcomesFile(join(folder, "gone", "outcomes.json"))).toThrow(/ENOENT/);
  expect(() => prepareOutcomesFile(folder)).toThrow("it is a folder");
});
