import { formatTime } from "./format-time.ts";

/** Where a clock starts: at a write that the disk tells, at an event without one, or at a key. */
export interface ClockStart {
  readonly kind: "write" | "event" | "key";
  /** In milliseconds since 1970. */
  readonly atMs: number;
}

/** A write is told within this time; one that seems older has its time from elsewhere, such as a copy that keeps it. */
const LONGEST_NOTICE_MS = 2_000;
/** File systems take the time of a tick that may lie in the future of nobody, but clocks of other machines do. */
const MOST_AHEAD_MS = 5;

/**
 * Where the clock of an edit starts: at its newest write if that can be trusted, else when it was heard of. `busySinceMs` is
 * the start of a run that has kept us from noticing it at once.
 */
export function startOfEdit(writtenMs: number | null, heardMs: number, busySinceMs = heardMs): ClockStart {
  const oldestMs = Math.min(heardMs - LONGEST_NOTICE_MS, busySinceMs);
  // A file system with whole seconds tells nothing.
  const isFine = writtenMs !== null && writtenMs % 1000 !== 0;
  return isFine && writtenMs > oldestMs && writtenMs < heardMs + MOST_AHEAD_MS
    ? { kind: "write", atMs: writtenMs }
    : { kind: "event", atMs: heardMs };
}

/** The time from there to now as a verdict shows it: `38 ms`, `event + 38 ms`. */
export function formatVerdictClock(start: ClockStart, nowMs: number): string {
  const time = formatTime(Math.max(0, nowMs - start.atMs));
  return start.kind === "event" ? `event + ${time}` : time;
}
