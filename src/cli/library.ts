// What other programs import from the package `prewarm`; docs/library.md describes it.
import type { Door, DoorOptions } from "../protocol/door.ts";
import type { Problem } from "../protocol/errors.ts";
import { openDoor as open } from "./daemon-door.ts";

export type { Choice, DaemonStatus } from "../protocol/api.ts";
export type {
  Door,
  DoorEnd,
  DoorInput,
  DoorOptions,
  DoorRun,
  LastFailure,
  RunWatcher,
  RunWish,
} from "../protocol/door.ts";
export type { Problem } from "../protocol/errors.ts";
export type { Outcome, RunEvent, RunRecord } from "../protocol/events.ts";

/** Why a project cannot be served: no interpreter, no pytest, a folder of somebody else. `problem.next` says what to do. */
export class PrewarmError extends Error {
  override readonly name = "PrewarmError";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.sentence}`);
    this.problem = problem;
  }
}

/**
 * Opens a door to a project's daemon. The daemon is found or started with the first question; runs have the environment
 * of this process. Dispose of the door at the end: its runs end with it, the daemon stays. Throws a `PrewarmError`.
 */
export async function openDoor(options: DoorOptions = {}): Promise<Door & Disposable> {
  const opened = await open(options);
  if (!opened.ok) throw new PrewarmError(opened.error);
  return opened.value;
}
