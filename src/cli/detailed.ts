import { availableParallelism, loadavg } from "node:os";
import { warnOfLoad } from "../insight/busy-machine.ts";
import { describeEfficiency } from "../insight/describe-efficiency.ts";
import { reckonEfficiency } from "../insight/efficiency.ts";
import type { RunEvent, RunRecord, TestCost } from "../protocol/events.ts";

/** Takes down what the tests of a run cost, for `--detailed`. */
export class Detailed {
  readonly #tests: TestCost[] = [];
  readonly #load = loadavg()[0] ?? 0;
  #why = "";

  add(event: RunEvent): void {
    if (event.type === "measured") this.#tests.push(event.test);
    if (event.type === "workers") this.#why = event.why;
  }

  /** What is to be said when the run has ended. */
  lines({ way, reason }: RunRecord): readonly string[] {
    const cores = availableParallelism();
    const found = reckonEfficiency(this.#tests, cores);
    if (found === undefined) return [`no test was measured${way === "plain" ? `: ${reason}` : ""}`];
    const busy = warnOfLoad(this.#load, cores);
    return [...describeEfficiency(found, cores, this.#why), ...(busy === undefined ? [] : [busy])];
  }
}
