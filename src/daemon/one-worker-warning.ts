import type { WorkersWish } from "../protocol/api.ts";
import type { RunEvent } from "../protocol/events.ts";

/** A watch that was asked for several workers has one: said once, with the reason; null where nobody has asked. */
export function oneWorkerWarning(wish: WorkersWish | undefined): RunEvent | null {
  if (wish === undefined || ["", "0", "1"].includes(wish.count)) return null;
  return {
    type: "warning",
    code: "one-worker",
    text: "A watch runs its tests in one process: what each test depends on is noted there, so that an edit runs only what it can affect.",
    next: `prewarm run -n ${wish.count} -- pytest      for all tests at once`,
  };
}
