import type { Socket } from "node:net";
import type { AgentChannel } from "../../worker/agent-channel.ts";
import { type RunEnd, type RunListener, RunProcess } from "../../worker/run-process.ts";
import { Spare } from "../../worker/spare.ts";
import type { Trunk } from "../../worker/trunk.ts";
import type { TrunkProcess } from "../../worker/trunk-process.ts";
import { type Control, untilDone } from "./control.ts";
import { followRequester } from "./requester-signals.ts";
import type { Run } from "./run.ts";

/** How a leader ended, and the process that it was. */
export interface Led {
  readonly end: RunEnd;
  readonly pid: number;
}

/** The processes that lead a run, and those that wait for one. */
export class Leaders {
  readonly #running = new Map<string, RunProcess>();
  readonly #spares = new Map<string, Spare>();
  /** A name that no other process has. */
  readonly nextId: (letter: string) => string;

  constructor(nextId: (letter: string) => string) {
    this.nextId = nextId;
  }

  /** A leader has connected; false for a stranger. */
  connected(channel: AgentChannel, id: string, pid: number): boolean {
    const leader = this.#running.get(id) ?? this.#spares.get(id);
    if (leader?.attach(channel, pid) !== true) return false;
    channel.send({ type: "welcome" });
    return true;
  }

  /** An output stream of a leader has connected; false for a stranger. */
  streamConnected(id: string, stream: "stdout" | "stderr", socket: Socket): boolean {
    const leader = this.#running.get(id) ?? this.#spares.get(id);
    return leader?.addStream(stream, socket) === true;
  }

  /**
   * Lets the spare of the newest tip get ready for a run while the daemon still looks whether that tip can serve it. It is let go with
   * what this returns, unless it leads by then.
   */
  hold(trunk: Trunk, run: Run): Disposable {
    const tip = trunk.processes.findLast(({ spare }) => spare?.isReady === true);
    // What was different at the last look, or has just been edited, is served another way.
    const spare = tip?.isStale === true || run.request.edit !== null ? undefined : tip?.spare;
    spare?.hold(run, run.order(spare.id, true));
    return {
      [Symbol.dispose]: () => {
        if (spare?.isHeldFor(run) !== true) return;
        spare.end();
        this.#spares.delete(spare.id);
      },
    };
  }

  /** Leads a run from a tip: in the spare that waits there, in a new fork, or in the tip itself where that may not fork. */
  async lead(trunk: Trunk, tip: TrunkProcess, run: Run, control: Control): Promise<Led> {
    trunk.use(tip);
    if (tip.state.kind === "tip" && !tip.state.tip.isSafe)
      return this.leadIn(tip, run, control, () => tip.send(run.order(tip.id)));
    const spare = tip.spare?.isReady === true || tip.spare?.isHeldFor(run) === true ? tip.spare : undefined;
    const leader = this.#begin(spare?.id ?? this.nextId("l"), run);
    if (spare === undefined) {
      tip.sendFork(run.order(leader.id), leader.id, () => leader.lost());
    } else {
      tip.spare = undefined;
      this.#spares.delete(spare.id);
      spare.lead(leader, run.order(spare.id));
    }
    const led = await this.#follow(leader, control);
    tip.hasForked(leader.id);
    return led;
  }

  /** Leads a run in a process that is no fork of its own: one with live threads, or one that keeps nothing. */
  async leadIn(process: TrunkProcess, run: Run, control: Control, start: () => void): Promise<Led> {
    const leader = this.#begin(process.id, run);
    if (process.pid !== 0) leader.runsIn(process.pid);
    process.lead = leader;
    leader.answer = (order) => process.send(order);
    process.state = { kind: "leading" };
    start();
    return this.#follow(leader, control);
  }

  /** Follows a process that leads from its start on, as a program does; until it is released. */
  adopt(id: string, run: RunListener & Pick<Run, "relayed">): RunProcess {
    const leader = new RunProcess(id, run.relayed, run, true);
    this.#running.set(id, leader);
    return leader;
  }

  /** It has ended. */
  release({ id }: RunProcess): void {
    this.#running.delete(id);
  }

  /** Forks the next leader of this tip, unless one waits already; it gets ready for a run with these arguments. */
  prepareSpare(tip: TrunkProcess | undefined, args: readonly string[]): void {
    if (tip?.state.kind !== "tip" || !tip.state.tip.isSafe || tip.spare?.isGone === false) return;
    for (const [id, each] of this.#spares) if (each.isGone) this.#spares.delete(id);
    const spare = new Spare(this.nextId("s"));
    this.#spares.set(spare.id, spare);
    tip.spare = spare;
    tip.send({ type: "spare", id: spare.id, args });
  }

  /** Kills every run. */
  end(): void {
    for (const leader of this.#running.values()) leader.signal("SIGKILL");
  }

  #begin(id: string, run: Run): RunProcess {
    const leader = new RunProcess(id, run.relayed, run);
    run.tellLeader = (order) => leader.answer(order);
    this.#running.set(id, leader);
    return leader;
  }

  async #follow(leader: RunProcess, control: Control): Promise<Led> {
    using _ = followRequester(leader, control.interrupted);
    try {
      const end = await untilDone(leader.ended, control, () => leader.signal("SIGKILL"));
      // It may have closed its connection and live on; its exit status, if it has one, stays what it is.
      if (end.kind === "died") leader.signal("SIGKILL");
      return { end, pid: leader.pid };
    } finally {
      this.#running.delete(leader.id);
    }
  }
}
