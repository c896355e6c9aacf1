import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Connection } from "./connection.ts";
import type { StateFolder } from "./state-folder.ts";

const LONGEST_STOP_MS = 10_000;
const PID_FILE = "daemon.pid";

/** Where the process id of the daemon that was started last is noted, for the day when it does not answer. */
export function pidFileOf(folder: StateFolder): string {
  return join(folder.path, PID_FILE);
}

/** Asks a daemon to leave, and waits until it has. */
export async function stopDaemon(connection: Connection): Promise<void> {
  connection.send({ type: "stop" });
  for (;;) {
    const answer = await connection.receive(LONGEST_STOP_MS);
    if (answer === undefined || "kind" in answer) break;
  }
  connection.close();
}

/** Kills a daemon that does not answer, if the noted process is one; its own processes end with it. */
export function killSilentDaemon(folder: StateFolder): number | undefined {
  try {
    const pid = Number(readFileSync(pidFileOf(folder), "utf8"));
    if (!(pid > 1) || !isDaemonOf(folder, pid)) return undefined;
    process.kill(pid, "SIGKILL");
    return pid;
  } catch {
    return undefined;
  }
}

// The number may belong to another program by now: its command line has to name our folder.
function isDaemonOf(folder: StateFolder, pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(folder.path);
  } catch {
    return false;
  }
}
