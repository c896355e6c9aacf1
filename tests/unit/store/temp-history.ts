import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Outcome, RunRecord } from "../../../src/protocol/events.ts";
import type { NodeId } from "../../../src/protocol/ids.ts";
import { History } from "../../../src/store/history.ts";
import type { RunEntry, TestOutcome } from "../../../src/store/outcomes.ts";
import type { Bounds } from "../../../src/store/prune.ts";

/** One suite for the specs that need no second one. */
export const SUITE = { python: "/env/bin/python", root: "/project" };

/** A folder with a `history.db` that is opened as often as a spec wants; removed at its end. */
export class TempHistory implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "pw-history-"));
  readonly #opened: History[] = [];

  get file(): string {
    return join(this.folder, "history.db");
  }

  /** The history as a daemon that starts now sees it. */
  open(bounds?: Bounds, mostBytes?: number): History {
    const history = new History(this.folder, bounds, mostBytes);
    this.#opened.push(history);
    return history;
  }

  [Symbol.dispose](): void {
    for (const history of this.#opened) history.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Outcomes of tests, each of which took so many milliseconds. */
export function outcomes(all: Readonly<Record<string, Outcome>>, durationMs = 2): readonly TestOutcome[] {
  return Object.entries(all).map(([id, outcome]) => ({ id: id as NodeId, outcome, durationMs }));
}

/** A run with these outcomes. */
export function runEntry(tests: readonly TestOutcome[], more: Partial<RunEntry> = {}): RunEntry {
  const record: RunRecord = {
    ...{ exit: 0, way: "warm", reason: "nothing that was loaded has changed", durationMs: 21.5, firstTestMs: null },
    ...{ tests: tests.length, modules: 4, coldMs: null, unfinished: 0 },
  };
  return { suite: SUITE, atMs: 1000, args: ["tests"], cwd: "/project", record, outcomes: tests, ...more };
}

export function nodeId(text: string): NodeId {
  return text as NodeId;
}
