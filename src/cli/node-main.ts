// The entry of a bundle of its own: `prewarm node`, which home starts on each node and speaks with in frames.
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { NodeSide } from "./node/node-side.ts";

/** Serves home until it has gone; returns an exit code. */
export async function node(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...argv], options: { folder: { type: "string" } }, strict: false });
  const given = typeof values.folder === "string" ? resolve(homedir(), values.folder) : undefined;
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  // Home ends it by the end of its input; a signal that goes to a whole terminal is not for this one.
  for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => {});
  return await new NodeSide(process.stdin, process.stdout, given ?? join(cache, "prewarm", "nodes")).closed;
}
