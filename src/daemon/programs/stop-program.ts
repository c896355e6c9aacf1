import type { RunProcess } from "../../worker/run-process.ts";

/** A program that has not ended this long after it was asked to is killed, with all that it has started. */
const LONGEST_END_MS = 5_000;
/** What it has started may take this long to follow it. */
const LONGEST_FAREWELL_MS = 1_000;
const LOOK_EVERY_MS = 5;

/** Asks a program to end, and sees to it: dispose of what this returns when it has. */
export function stopProgram(leader: RunProcess): Disposable {
  leader.stop("SIGTERM");
  const timer = setTimeout(() => leader.stop("SIGKILL"), LONGEST_END_MS);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}

/** Resolves when nothing is left of the process group of a program that has ended: no port of it is taken. */
export async function endGroup(pid: number): Promise<void> {
  if (pid === 0 || !signalGroup(pid, "SIGTERM")) return;
  const deadlineMs = performance.now() + LONGEST_FAREWELL_MS;
  while (performance.now() < deadlineMs) {
    if (!signalGroup(pid, 0)) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  signalGroup(pid, "SIGKILL");
}

/** False where there is no such group. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}
