import { createHash } from "node:crypto";
import type { Launch, Requester } from "../../protocol/api.ts";
import type { TimelineSettings } from "../../protocol/timeline-settings.ts";
import type { RunRequest } from "../runs/run-request.ts";
import { startVariables } from "./trunk-shelf.ts";

/** What makes a timeline another one. */
export interface TimelineOrigin {
  readonly launch: Launch;
  readonly requester: Requester;
  readonly settings: TimelineSettings;
}

/** Names a timeline beyond the life of the daemon: the same key means the same command in the same place. */
export function trunkKey({ launch, requester: { cwd, env }, settings }: TimelineOrigin): string {
  const program = launch.command === undefined ? [] : [launch.command, launch.flags];
  const start = [launch.python, launch.script, launch.isModule, cwd, launch.args, startVariables(env, settings)];
  const parts = [...start, ...program];
  return createHash("sha1").update(JSON.stringify(parts)).digest("hex");
}

/** Names a command line, whatever its environment. */
export function programKey({ launch, requester }: RunRequest): string {
  return JSON.stringify([launch.python, launch.script, launch.isModule, requester.cwd, launch.args]);
}
