import { place } from "../../trunk/place.ts";
import type { Trunk, TrunkListener } from "../../worker/trunk.ts";
import type { TrunkProcess } from "../../worker/trunk-process.ts";
import type { Leaders, Led } from "../runs/leaders.ts";
import type { Run } from "../runs/run.ts";
import type { RunRequest } from "../runs/run-request.ts";
import type { CutPlanner } from "./cut-planner.ts";
import type { EditedFiles } from "./edited-files.ts";
import type { Freshness } from "./freshness.ts";
import type { PackagesAhead } from "./packages-ahead.ts";
import { prepareForks } from "./readiness.ts";
import { Tidier } from "./tidier.ts";
import type { Timelines } from "./timelines.ts";
import type { TrunkOrders } from "./trunk-orders.ts";
import type { TrunkShelf } from "./trunk-shelf.ts";

/** What is kept between runs. */
interface Parts {
  readonly freshness: Freshness;
  readonly timelines: Timelines;
  readonly shelf: TrunkShelf;
  readonly leaders: Leaders;
  readonly ahead: PackagesAhead;
  readonly cuts: CutPlanner;
  readonly edited: EditedFiles;
  readonly orders: TrunkOrders;
  readonly listener: TrunkListener;
  readonly nextId: (letter: string) => string;
}

/** What is done between runs: the next one is made quick, and memory kept within bounds. */
export class Upkeep {
  readonly #parts: Parts;
  readonly #tidier: Tidier;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#tidier = new Tidier(parts.cuts);
  }

  /** A run is over; most is done when its requester has its answer. */
  afterRun(trunk: Trunk, tip: TrunkProcess, run: Run, { end }: Led): void {
    const { edited, freshness, orders } = this.#parts;
    trunk.onProgress = undefined;
    trunk.tests = Math.max(trunk.tests, run.tests);
    // For what is resumed that had to be known before.
    if (tip.patch !== null) edited.note(freshness, trunk);
    this.#tidier.afterRun(trunk, tip, end.kind === "ended" && end.exit <= 1);
    if (end.kind === "ended" && end.newFiles > 0 && tip.state.kind === "tip") {
      // The trunk takes up what a leader had to collect by itself.
      void trunk.resume(tip, orders.resume("grow", trunk, tip, run.request));
    } else if (!tip.isParked && !tip.leads) {
      trunk.preparing = this.#prepareTip(trunk, run.request, true).then(() => {});
    }
    void run.request.answered.then(() => this.#whenAnswered(trunk, tip, run));
  }

  /** Starts the timeline anew with its packages ahead, while this one serves: later edits then reload nothing installed. */
  async prepareSuccessor(trunk: Trunk, request: RunRequest): Promise<void> {
    const { ahead, cuts, freshness, leaders, listener, orders, shelf } = this.#parts;
    await cuts.settled;
    const successor = shelf.addSuccessor(trunk, orders.start(request), listener);
    if (successor === undefined) return;
    const growth = ahead.judge(successor, await successor.grow());
    if (growth.kind !== "tip") {
      successor.end();
      return;
    }
    // An edit in the meantime was served by the other trunk, which knows the new state.
    await this.#prepareTip(successor, request, true);
    successor.tests = trunk.tests;
    shelf.succeed(trunk, successor);
    freshness.remember(successor.processes);
    const tip = successor.processes.findLast(({ state }) => state.kind === "tip");
    if (tip !== undefined) leaders.prepareSpare(tip, request.launch.args);
  }

  async #whenAnswered(trunk: Trunk, tip: TrunkProcess, run: Run): Promise<void> {
    const { cuts, freshness, leaders, nextId, timelines } = this.#parts;
    // A tip can be patched anew at any time: it needs no successor.
    const isSpent = tip.leads && tip.patch === null;
    const next = isSpent ? this.#prepareTip(trunk, run.request, false) : Promise.resolve(tip);
    if (isSpent) trunk.preparing = next.then(() => {});
    leaders.prepareSpare(await next, run.request.launch.args);
    prepareForks(trunk, run, tip, () => nextId("c"));
    freshness.remember(trunk.processes);
    timelines.takeUp(trunk, tip);
    cuts.lookAtGit();
    this.#tidier.whenAnswered(trunk, tip);
  }

  /** Brings a trunk without a tip that could serve to one: its tip may not fork and has led its only run, or files have changed. */
  async #prepareTip(trunk: Trunk, request: RunRequest, isForAll: boolean): Promise<TrunkProcess | undefined> {
    const { freshness, orders } = this.#parts;
    const placement = place(freshness.check(trunk.processes, request.requester.env));
    const from = placement.kind === "resume" ? trunk.processes.find(({ id }) => id === placement.id) : undefined;
    if (from === undefined) return undefined;
    const growth = await trunk.resume(from, orders.resume("resume", trunk, from, request, { isForAll }));
    return growth.kind === "tip" ? growth.process : undefined;
  }
}
