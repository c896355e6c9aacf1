import type { Recorder } from "../recorder.ts";
import { isWhole, type RunRequest, type Verdict } from "../runs/run-request.ts";
import { trunkKey } from "./trunk-key.ts";

/** How long the cold run of each command took, in this life of the daemon or in an earlier one. */
export class ColdTimes {
  readonly #recorder: Recorder;
  readonly #known = new Map<string, number | null>();

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** Milliseconds, or null where none is on record. */
  of(request: RunRequest): number | null {
    const key = coldKey(request);
    let known = this.#known.get(key);
    if (known === undefined) {
      const remembered = this.#recorder.history.fact(factKey(key));
      known = typeof remembered === "number" ? remembered : null;
      this.#known.set(key, known);
    }
    return known;
  }

  /** A cold run is over. One that was given up, of chosen tests, of several repeats or with a profile takes another time. */
  take(request: RunRequest, { record, problem }: Verdict): void {
    const cameToItsEnd = problem === null && (record.exit === 0 || record.exit === 1);
    if (cameToItsEnd && isWhole(request)) this.#set(coldKey(request), record.durationMs);
  }

  #set(key: string, durationMs: number): void {
    this.#known.set(key, durationMs);
    this.#recorder.later((history) => history.saveFact(factKey(key), durationMs, Date.now()));
  }
}

/** The same command with other workers takes another time. */
function coldKey(request: RunRequest): string {
  const { count, dist } = request.workers;
  return count === "" && dist === "" ? trunkKey(request) : `${trunkKey(request)} ${count} ${dist}`;
}

function factKey(key: string): string {
  return `cold ${key}`;
}
