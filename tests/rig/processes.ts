import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** A live process, and the words that it was started with. */
export interface LiveProcess {
  readonly pid: number;
  readonly words: readonly string[];
}

const PAUSE_MS = 10;
const PATIENCE_MS = 20_000;

/** The live processes that have a path in their command line or in the environment that they were started with. */
export function processesWith(path: string): readonly LiveProcess[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid)
    .map((pid) => ({ pid, words: stringsOf(pid, "cmdline"), variables: stringsOf(pid, "environ") }))
    .filter(({ words, variables }) => [...words, ...variables].some((text) => text.includes(path)))
    .map(({ pid, words }) => ({ pid, words }));
}

/** Resolves when none of these processes is left; rejects with their command lines where they stay. */
export async function untilGone(list: () => readonly LiveProcess[]): Promise<void> {
  await untilAtMost(0, list);
}

/** Resolves when no more than so many of these processes are left; rejects with their command lines where more stay. */
export async function untilAtMost(most: number, list: () => readonly LiveProcess[]): Promise<void> {
  // The system tells the end of a process to its parent alone: everybody else has to look again.
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const left = list();
    if (left.length <= most) return;
    if (performance.now() > deadlineMs) {
      const lines = left.map(({ pid, words }) => `${pid} ${words.join(" ")}`).join("\n");
      throw new Error(`Expected at most ${most} processes, got:\n${lines}`);
    }
    await pause(PAUSE_MS);
  }
}

function stringsOf(pid: number, name: "cmdline" | "environ"): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8").split("\0");
  } catch {
    // It ended in this moment, or belongs to somebody else.
    return [];
  }
}
