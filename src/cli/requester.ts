import { readlinkSync } from "node:fs";
import type { Requester } from "../protocol/api.ts";
import { isTerminal } from "./is-terminal.ts";

/**
 * The surroundings of this process. Without `withTerminals`, everything that pytest writes is relayed; `lends` says whether a
 * debugger may have the terminal all the same, when it asks.
 */
export async function describeRequester(cwd: string, withTerminals: boolean, lends = false): Promise<Requester> {
  const lent = lends ? terminalOf(0) : undefined;
  return {
    pid: process.pid,
    cwd,
    env: await describeEnvironment(),
    umask: process.umask(),
    terminals: withTerminals ? findTerminals() : { ...(lent && { debugger: lent }) },
  };
}

/** The same for a server, whose standard input is what it is asked: its runs read `stdin`, else an end of file, and all they write is relayed. */
export async function describeServer(cwd: string, stdin = "/dev/null"): Promise<Requester> {
  return { ...(await describeRequester(cwd, false)), terminals: { stdin } };
}

async function describeEnvironment(): Promise<Readonly<Record<string, string>>> {
  const env = process.env as Readonly<Record<string, string>>;
  if (process.platform !== "linux" || !Object.values(env).some((value) => value.includes("\uFFFD"))) return env;
  return (await import("./exact-bytes.ts")).exactEnvironment();
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
