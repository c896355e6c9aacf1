import type { WorkersWish } from "../protocol/api.ts";

/** What these flags say of workers. */
export function workersWish({
  workers = "",
  dist = "",
  timeoutS,
}: {
  readonly workers?: string | undefined;
  readonly dist?: string | undefined;
  readonly timeoutS?: number | undefined;
}): WorkersWish {
  // As with pytest-xdist: nothing is distributed.
  const wish = dist === "no" ? { count: "0", dist: "" } : { count: workers, dist };
  return timeoutS === undefined ? wish : { ...wish, timeoutS };
}
