import { cores } from "../../base/cores.ts";
import type { AgentMessage, AgentOrder } from "../../protocol/agent-messages.ts";
import type { NodeId } from "../../protocol/ids.ts";
import { Scheduler, type Work } from "../../worker/scheduler.ts";
import { whyWorkers, workersFor } from "../../worker/workers-for.ts";
import { availableBytes } from "../timelines/available-memory.ts";

/** As with pytest-xdist, where nobody says how many workers may be lost. */
const RESTARTS_PER_WORKER = 4;

/** Ways of `--dist` that never divide a group. */
const WHOLE_GROUPS: ReadonlySet<string> = new Set(["loadscope", "loadfile", "loadgroup"]);

type Parallel = Extract<AgentMessage, { type: "parallel" }>;

/** Somebody who wants to know how many workers there are. */
interface Asking {
  /** Nobody is to run anything. */
  readonly asksOnly?: boolean;
  /** Somebody waits for the verdict of an edit. */
  readonly isWatched?: boolean;
  /** Takes the number, and what limits it, in words. */
  readonly onCount?: (count: number, why: string) => void;
}

/** Shares the tests of one run among the workers of its leader. */
export class HandOut {
  readonly #durationsOf: (ids: readonly NodeId[]) => ReadonlyMap<NodeId, number>;
  readonly #ids: NodeId[] = [];
  #scheduler: Scheduler | undefined;
  #count = 0;
  #names = 0;
  #lost = 0;
  #mostLost = 0;
  readonly #asking: Asking;

  constructor(durationsOf: (ids: readonly NodeId[]) => ReadonlyMap<NodeId, number>, asking: Asking = {}) {
    this.#durationsOf = durationsOf;
    this.#asking = asking;
  }

  /** What the leader is told in answer to a message; nothing for most of them. */
  answersTo(message: AgentMessage): readonly AgentOrder[] {
    switch (message.type) {
      case "collected":
        for (const id of message.ids) this.#ids.push(id as NodeId);
        return [];
      case "parallel":
        return this.#begin(message);
      case "worked":
        this.#scheduler?.worked(message.worker, message.done, message.busyMs);
        return this.#assignments();
      case "worker-lost":
        return this.#replace(message.worker, message.place);
      default:
        return [];
    }
  }

  /** The id of the test at a place in the list of collected tests; undefined where there is none. */
  idAt(place: number): NodeId | undefined {
    return this.#ids[place];
  }

  #begin(parallel: Parallel): readonly AgentOrder[] {
    const ids = this.#ids;
    const work = workOf(parallel, ids, this.#durationsOf(ids));
    const isForEach = parallel.dist === "each";
    const { isWatched = false } = this.#asking;
    const circumstances = {
      ...cores(),
      groups: isForEach ? Number.POSITIVE_INFINITY : new Set(parallel.scopes).size,
      expectedMs: isForEach ? null : sumOf(work.expectedMs, isWatched),
      availableBytes: availableBytes(),
      most: parallel.most,
      isWatched,
    };
    this.#count = workersFor(parallel.workers, circumstances);
    this.#asking.onCount?.(this.#count, whyWorkers(parallel.workers, circumstances));
    if (this.#asking.asksOnly === true) return [{ type: "workers", names: [], count: 0 }];
    if ((this.#count < 2 && !parallel.isGuarded) || parallel.scopes.length !== ids.length)
      return [{ type: "workers", names: [], count: 0 }];
    this.#mostLost = parallel.restarts === -1 ? RESTARTS_PER_WORKER * this.#count : parallel.restarts;
    this.#scheduler = new Scheduler(work);
    return [this.#fork(this.#count), ...this.#assignments()];
  }

  #fork(count: number): AgentOrder {
    const names = Array.from({ length: count }, () => `gw${this.#names++}`);
    for (const name of names) this.#scheduler?.add(name);
    return { type: "workers", names, count: this.#count };
  }

  #replace(worker: string, place: number | null): readonly AgentOrder[] {
    const scheduler = this.#scheduler;
    if (scheduler === undefined) return [{ type: "workers", names: [], count: 0 }];
    scheduler.lost(worker, place);
    this.#lost += 1;
    if (this.#lost <= this.#mostLost) return [this.#fork(scheduler.hasUntold ? 1 : 0), ...this.#assignments()];
    const nobody: AgentOrder = { type: "workers", names: [], count: this.#count };
    const reason = `${this.#lost} workers were lost: no more are started`;
    return this.#lost === this.#mostLost + 1 ? [{ type: "stop", reason }, nobody] : [nobody];
  }

  #assignments(): readonly AgentOrder[] {
    return (this.#scheduler?.handOut() ?? []).map((assignment) => ({ type: "assign", ...assignment }));
  }
}

/** What a leader has to share, with what is known of it. */
export function workOf(
  { dist, scopes }: Parallel,
  ids: readonly NodeId[],
  durations: ReadonlyMap<NodeId, number>,
): Work {
  return {
    groups: scopes,
    expectedMs: ids.map((id) => durations.get(id) ?? null),
    mayDivide: !WHOLE_GROUPS.has(dist),
    order: dist === "" ? "longest" : WHOLE_GROUPS.has(dist) ? "largest" : "collected",
    isForEach: dist === "each",
  };
}

/** What all tests are expected to take; null where some never ran. After an edit these few are taken for average ones. */
function sumOf(expectedMs: Work["expectedMs"], isWatched: boolean): number | null {
  const known = expectedMs.filter((ms) => ms !== null);
  if (known.length < expectedMs.length && (!isWatched || known.length === 0)) return null;
  const sum = known.reduce((total, ms) => total + ms, 0);
  return known.length === 0 ? 0 : (sum / known.length) * expectedMs.length;
}
