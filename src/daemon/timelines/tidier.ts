import { keepAtMost, keepLine, tipBefore } from "../../worker/branches.ts";
import type { Trunk } from "../../worker/trunk.ts";
import type { TrunkProcess } from "../../worker/trunk-process.ts";
import type { CutPlanner } from "./cut-planner.ts";

/** After so long without a run the daemon gives back what runs have left in its own memory. */
const QUIET_MS = 1_000;

/** Decides between runs which parked processes stay. */
export class Tidier {
  readonly #cuts: CutPlanner;
  #timer: NodeJS.Timeout | undefined;

  constructor(cuts: CutPlanner) {
    this.#cuts = cuts;
  }

  /**
   * A run from this tip is over. After a good one two states are worth their memory: this one, and the one before it, since an
   * edit is often undone. Of that one only the tip stays, and the checkpoint before the file that was edited just now.
   * After a run that collected not everything all stays that may: the last good state comes back when the file is mended.
   */
  afterRun(trunk: Trunk, tip: TrunkProcess, isGood: boolean): void {
    const { mostProcesses, keepsPrevious } = this.#cuts.budget;
    if (isGood) {
      const previous = keepsPrevious ? tipBefore(trunk, tip) : undefined;
      keepLine(trunk, tip, previous);
      if (previous !== undefined) this.#slim(trunk, tip, previous);
    }
    keepAtMost(trunk, mostProcesses);
  }

  /** When the requester has its answer: ends checkpoints that are not worth their memory, for what is edited by now. */
  whenAnswered(trunk: Trunk, tip: TrunkProcess): void {
    if (trunk.processes.includes(tip)) {
      for (const process of this.#cuts.superfluous(tip, trunk.start.settings.checkpoints)) trunk.endAlone(process);
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void gc?.({ type: "major", flavor: "last-resort", execution: "sync" }), QUIET_MS);
    this.#timer.unref();
  }

  #slim(trunk: Trunk, tip: TrunkProcess, previous: TrunkProcess): void {
    previous.spare?.end();
    const line = tip.lineage();
    for (const each of previous.lineage()) {
      const isShared = each === previous || line.includes(each);
      const isWorthless = each.isParked && !each.isForking && !this.#cuts.isBeforeLatestEdit(each);
      if (!isShared && isWorthless) trunk.endAlone(each);
    }
  }
}
