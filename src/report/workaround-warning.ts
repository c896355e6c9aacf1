import type { RunEvent } from "../protocol/events.ts";

/** What a library needs around a fork was not done: the run went on, and may have shared what no process should share. */
export function workaroundWarning(failures: readonly string[]): RunEvent {
  return {
    type: "warning",
    code: "workaround-failed",
    text: ["a workaround failed, and the run went on without it:", ...failures.map((line) => `  ${line}`)].join("\n"),
    next: "docs/workarounds.md, or switch it off",
  };
}
