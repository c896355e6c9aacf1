import type { Problem } from "../../protocol/errors.ts";
import type { RunEvent, RunRecord } from "../../protocol/events.ts";

/** What a watch shows, and where: it is told everything that happens, in its order. */
export interface WatchSurface {
  readonly take: (event: RunEvent) => void;
  /** What the daemon is doing before pytest takes over; empty from then on. */
  readonly progress: (text: string) => void;
  /** What no event tells. Returns false where nobody reads any more. */
  readonly output: (stream: "stdout" | "stderr", bytes: Uint8Array) => boolean;
  readonly end: (record: RunRecord, problem: Problem | null) => void;
  /** Nothing more comes; gives the terminal back as it was. */
  readonly close: () => void;
  /** Whether pytest is at work, as far as this surface has heard. */
  readonly isRunning: boolean;
  /** The exit code of the last verdict, 0 before there is one. */
  readonly exit: number;
}
