import { signal } from "@preact/signals";
import type { HttpRun } from "../../src/protocol/http-schema.ts";
import { ask, stop, theServer } from "./commands.ts";
import { connection, endedRuns } from "./live.ts";

/** A test, file or folder that is run again and again, and what its runs have come to so far. */
export interface Repetition {
  readonly key: string;
  readonly times: number;
  readonly done: number;
  /** How many of the runs had nothing that failed. */
  readonly passed: number;
  readonly isOver: boolean;
}

export const repetition = signal<Repetition | undefined>(undefined);

/** Runs these tests so many times, each in a process of its own, one run after the other. */
export function repeat(key: string, ids: readonly string[], times: number): void {
  if (repetition.value?.isOver === false || ids.length === 0) return;
  repetition.value = { key, times, done: 0, passed: 0, isOver: false };
  ask(async () => {
    try {
      while (repetition.value?.isOver === false) await runOnce(ids);
    } finally {
      endRepetition();
    }
  });
}

/** No run follows the one in flight. */
export function endRepetition(): void {
  if (repetition.value !== undefined) repetition.value = { ...repetition.value, isOver: true };
}

/** Lets the run in flight end, and begins no other. */
export function stopAll(): void {
  endRepetition();
  stop();
}

async function runOnce(ids: readonly string[]): Promise<void> {
  const started = (await theServer().post("/runs", { ids })) as HttpRun;
  const { record } = await untilFinished(started.id);
  const { value } = repetition;
  if (value === undefined) return;
  const done = value.done + 1;
  const passed = value.passed + (record?.exit === 0 ? 1 : 0);
  repetition.value = { ...value, done, passed, isOver: value.isOver || done === value.times };
}

/** Asks anew whenever a run has ended. Rejects where the daemon has left. */
async function untilFinished(id: string): Promise<HttpRun> {
  for (;;) {
    const before = endedRuns.peek();
    const run = await theServer().get("Run", `/runs/${id}`);
    if (run.state === "finished") return run;
    if (endedRuns.peek() !== before) continue;
    await new Promise<void>((resolve) => {
      const stop = [endedRuns, connection].map((each) =>
        each.subscribe(() => {
          if (endedRuns.peek() === before && connection.peek().kind === "live") return;
          queueMicrotask(() => {
            for (const end of stop) end();
          });
          resolve();
        }),
      );
    });
  }
}
