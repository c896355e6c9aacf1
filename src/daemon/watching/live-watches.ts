import type { Choice, Launch } from "../../protocol/api.ts";
import { argumentsKey } from "../timelines/trunk-shelf.ts";

/** A watch that somebody has open, as others in the daemon may use it. */
export interface LiveWatch {
  readonly launch: Launch;
  readonly cwd: string;
  /** Its run in flight, or the last one; null before the first. */
  run: string | null;
  /** Runs these now, in place of a run in flight. */
  readonly again: (choice: Choice) => void;
  /** Lets the run in flight end and report, as ctrl-c does. */
  readonly interrupt: () => void;
}

/** The watches that are open now. */
export class LiveWatches {
  readonly #watches = new Set<LiveWatch>();

  /** A watch is open until what this returns is disposed of. */
  open(watch: LiveWatch): Disposable {
    this.#watches.add(watch);
    return { [Symbol.dispose]: () => this.#watches.delete(watch) };
  }

  /** The newest watch of this command line in this folder. */
  of(launch: Launch, cwd: string): LiveWatch | undefined {
    const key = argumentsKey(launch);
    return [...this.#watches].findLast((watch) => watch.cwd === cwd && argumentsKey(watch.launch) === key);
  }

  /** The watch whose run this is. */
  withRun(run: string): LiveWatch | undefined {
    return [...this.#watches].find((watch) => watch.run === run);
  }
}
