import { readlinkSync } from "node:fs";
import type { Requester } from "../protocol/api.ts";
import { isTerminal } from "./is-terminal.ts";

/** The surroundings of this process. Without `withTerminals`, everything that pytest writes is relayed. */
export function describeRequester(cwd: string, withTerminals: boolean): Requester {
  return {
    pid: process.pid,
    cwd,
    env: process.env as Readonly<Record<string, string>>,
    umask: process.umask(),
    terminals: withTerminals ? findTerminals() : {},
  };
}

function findTerminals(): Requester["terminals"] {
  const stdin = terminalOf(0);
  const stdout = terminalOf(1);
  const stderr = terminalOf(2);
  return { ...(stdin && { stdin }), ...(stdout && { stdout }), ...(stderr && { stderr }) };
}

/** The device of a descriptor that is a terminal; undefined where it is none, or where the system does not tell. */
function terminalOf(descriptor: number): string | undefined {
  if (!isTerminal(descriptor) || process.platform !== "linux") return undefined;
  try {
    const device = readlinkSync(`/proc/self/fd/${descriptor}`);
    // In another mount namespace the name may belong to nothing, or to another terminal.
    return device.startsWith("/dev/") ? device : undefined;
  } catch {
    return undefined;
  }
}
