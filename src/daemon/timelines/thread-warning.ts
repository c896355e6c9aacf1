import type { RunEvent } from "../../protocol/events.ts";

/** A thread does not survive a fork: said once, with what to do. */
export function threadWarning(obstacle: string): RunEvent {
  return {
    type: "warning",
    code: "thread-at-import",
    text: `${obstacle} while importing: what is imported after it is imported again for every run.`,
    next: "start it on first use (until then the next run is prepared while nothing else happens)",
  };
}
