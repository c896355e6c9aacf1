import type { NodeId } from "../protocol/ids.ts";
import { nameOf } from "./format-failure.ts";
import { formatClock } from "./format-time.ts";
import type { RunView } from "./run-view.ts";

/** One failing test below a verdict. */
export interface FailureLine {
  /** `new`, or `since 14:03:07`. */
  readonly age: string;
  readonly id: NodeId;
  readonly place: string;
  readonly name: string;
  readonly message: string;
}

/** The failing tests, new ones first, at most so many of them; `more` counts the others. */
export function listFailures(
  { tests, run }: RunView,
  most: number,
): { readonly lines: readonly FailureLine[]; readonly more: number } {
  const isNew = new Set(run?.newlyFailed);
  const failing = [...tests].flatMap(([id, { failing }]) => (failing === undefined ? [] : [{ id, failing }]));
  const sorted = [...failing.filter(({ id }) => isNew.has(id)), ...failing.filter(({ id }) => !isNew.has(id))];
  const lines = sorted.slice(0, most).map(({ id, failing: { sinceMs, place, message } }) => ({
    age: isNew.has(id) ? "new" : `since ${formatClock(new Date(sinceMs))}`,
    id,
    place,
    name: nameOf(id),
    message,
  }));
  return { lines, more: sorted.length - lines.length };
}
