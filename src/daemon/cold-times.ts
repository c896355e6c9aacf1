import type { Recorder } from "./recorder.ts";

/** How long the cold run of each command took, in this life of the daemon or in an earlier one. */
export class ColdTimes {
  readonly #recorder: Recorder;
  readonly #known = new Map<string, number | null>();

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** Milliseconds, or null where none is on record. */
  of(trunkKey: string): number | null {
    let known = this.#known.get(trunkKey);
    if (known === undefined) {
      const remembered = this.#recorder.history.fact(factKey(trunkKey));
      known = typeof remembered === "number" ? remembered : null;
      this.#known.set(trunkKey, known);
    }
    return known;
  }

  set(trunkKey: string, durationMs: number): void {
    this.#known.set(trunkKey, durationMs);
    this.#recorder.later((history) => history.saveFact(factKey(trunkKey), durationMs, Date.now()));
  }
}

function factKey(trunkKey: string): string {
  return `cold ${trunkKey}`;
}
