import type { WorkersWish } from "../../protocol/api.ts";
import type { RunEvent } from "../../protocol/events.ts";

/** A watch that was asked to run every test in every worker runs it once: said once, with the reason; null where nobody has asked. */
export function oneWorkerWarning(wish: WorkersWish | undefined): RunEvent | null {
  if (wish?.dist !== "each") return null;
  return {
    type: "warning",
    code: "one-worker",
    text: "A watch runs its tests in one process where each is to run in every worker: a test has one outcome there.",
    next: `prewarm run -n ${wish.count || "auto"} --dist each -- pytest`,
  };
}
