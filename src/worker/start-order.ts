import type { AgentOrder, RunOrder } from "../protocol/agent-messages.ts";
import type { TrunkStart } from "./trunk.ts";

/** What a new Python process is told to start. `plain` is a run that keeps nothing, `run` that of a program. */
export function startOrder(
  { launch, requester, stateFolder, cuts, edited, ahead, settings }: TrunkStart,
  plain: RunOrder | null,
  run: RunOrder | undefined,
): AgentOrder {
  return {
    type: "start",
    args: launch.args,
    script: launch.script,
    isModule: launch.isModule,
    ...(launch.program && { program: launch.program }),
    ...(launch.argv && { argv: launch.argv }),
    ...(launch.command && { command: launch.command }),
    ...(run && { run }),
    umask: requester.umask,
    stateFolder,
    cuts,
    edited,
    ahead,
    workarounds: settings.workarounds,
    plain,
  };
}
