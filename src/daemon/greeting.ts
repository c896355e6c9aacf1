import type { Recorder } from "./recorder.ts";

const FACT = "greeted";

/** Whether a person was told what this project's daemon is: that is said once, in all its lives. */
export class Greeting {
  readonly #recorder: Recorder;
  #wasSaid: boolean | undefined;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  get wasSaid(): boolean {
    this.#wasSaid ??= this.#recorder.history.fact(FACT) === true;
    return this.#wasSaid;
  }

  /** A command line has said it. */
  said(): void {
    this.#wasSaid = true;
    this.#recorder.later((history) => history.saveFact(FACT, true, Date.now()));
  }
}
