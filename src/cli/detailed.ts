import { availableParallelism } from "node:os";
import { describeEfficiency } from "../insight/describe-efficiency.ts";
import { reckonEfficiency } from "../insight/efficiency.ts";
import type { RunEvent, RunRecord, TestCost } from "../protocol/events.ts";

/** Takes down what the tests of a run cost, for `--detailed`. */
export class Detailed {
  readonly #tests: TestCost[] = [];
  #why = "";

  add(event: RunEvent): void {
    if (event.type === "measured") this.#tests.push(event.test);
    if (event.type === "workers") this.#why = event.why;
  }

  /** What is to be said when the run has ended. */
  lines({ way, reason }: RunRecord): readonly string[] {
    const cores = availableParallelism();
    const found = reckonEfficiency(this.#tests, cores);
    return found === undefined
      ? [`no test was measured${way === "plain" ? `: ${reason}` : ""}`]
      : describeEfficiency(found, cores, this.#why);
  }
}
