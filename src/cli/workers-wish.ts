import type { LeaksMode, WorkersWish } from "../protocol/api.ts";

/** What these flags say of workers. */
export function workersWish({
  workers = "",
  dist = "",
  timeoutS,
  leaks,
}: {
  readonly workers?: string | undefined;
  readonly dist?: string | undefined;
  readonly timeoutS?: number | undefined;
  readonly leaks?: LeaksMode | undefined;
}): WorkersWish {
  // As with pytest-xdist: nothing is distributed.
  const wish = dist === "no" ? { count: "0", dist: "" } : { count: workers, dist };
  return { ...wish, ...(timeoutS === undefined ? {} : { timeoutS }), ...(leaks === undefined ? {} : { leaks }) };
}
