import type { RunEvent } from "../../protocol/events.ts";

/** A thread does not survive a fork, and a connection would be everybody's: said once, with what to do. */
export function threadWarning(obstacle: string): RunEvent {
  if (obstacle.includes(" opens a connection to ")) {
    return {
      type: "warning",
      code: "connection-at-import",
      text: `${obstacle} while importing: what is imported after it is imported again for every run.`,
      next: "open it in a fixture or on first use, or say in a workaround what a fork needs",
    };
  }
  return {
    type: "warning",
    code: "thread-at-import",
    text: `${obstacle} while importing: what is imported after it is imported again for every run.`,
    next: "start it on first use (until then the next run is prepared while nothing else happens)",
  };
}
