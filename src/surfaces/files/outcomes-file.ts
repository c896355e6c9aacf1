import { accessSync, constants, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Outcome, RunEvent } from "../../protocol/events.ts";

/** Gathers the outcomes of a run, for a file that other programs read. */
export class Outcomes {
  readonly #outcomes = new Map<string, Outcome>();

  add(event: RunEvent): void {
    if (event.type === "test-finished") this.#outcomes.set(event.id, event.outcome);
    else if (event.type === "collect-failed") this.#outcomes.set(`collect:${event.id}`, "error");
  }

  /** The file's text: `{"exit": N, "outcomes": {nodeid: outcome}}`. */
  toText(exit: number): string {
    return `${JSON.stringify({ exit, outcomes: Object.fromEntries(this.#outcomes) })}\n`;
  }
}

/** Makes sure before a run that its outcomes can be written after it, and removes those of an earlier run. */
export function prepareOutcomesFile(path: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory()) throw new Error("it is a folder");
  accessSync(dirname(path), constants.W_OK);
  if (stats?.isFile()) rmSync(path, { force: true });
}

/** Writes the file in one step: a reader sees all of it or none. */
export function writeOutcomesFile(path: string, text: string): void {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats !== undefined && !stats.isFile()) {
    // A pipe or a device, such as /dev/stdout, is written to; renaming would replace it.
    writeFileSync(path, text);
    return;
  }
  const draft = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(draft, text);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}
