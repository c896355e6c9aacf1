import { createHash } from "node:crypto";
import type { Launch, Requester } from "../protocol/api.ts";
import type { RunRequest } from "./run.ts";
import { startVariables } from "./trunk-shelf.ts";

/** Names a timeline beyond the life of the daemon: the same key means the same command in the same place. */
export function trunkKey(launch: Launch, { cwd, env }: Requester): string {
  const parts = [launch.python, launch.script, launch.isModule, cwd, launch.args, startVariables(env)];
  return createHash("sha1").update(JSON.stringify(parts)).digest("hex");
}

/** Names a command line, whatever its environment. */
export function programKey({ launch, requester }: RunRequest): string {
  return JSON.stringify([launch.python, launch.script, launch.isModule, requester.cwd, launch.args]);
}
