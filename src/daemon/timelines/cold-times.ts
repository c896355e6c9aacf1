import type { Recorder } from "../recorder.ts";
import type { RunRequest } from "../runs/run-request.ts";
import { trunkKey } from "./trunk-key.ts";

/** How long the cold run of each command took, in this life of the daemon or in an earlier one. */
export class ColdTimes {
  readonly #recorder: Recorder;
  readonly #known = new Map<string, number | null>();

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** Milliseconds, or null where none is on record. */
  of(key: string): number | null {
    let known = this.#known.get(key);
    if (known === undefined) {
      const remembered = this.#recorder.history.fact(factKey(key));
      known = typeof remembered === "number" ? remembered : null;
      this.#known.set(key, known);
    }
    return known;
  }

  /** A cold run has ended. One that was only asked how many workers there would be is none. */
  take(request: RunRequest, durationMs: number): void {
    if (request.measure !== "workers") this.#set(trunkKey(request), durationMs);
  }

  #set(key: string, durationMs: number): void {
    this.#known.set(key, durationMs);
    this.#recorder.later((history) => history.saveFact(factKey(key), durationMs, Date.now()));
  }
}

function factKey(key: string): string {
  return `cold ${key}`;
}
