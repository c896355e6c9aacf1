import type { RunId } from "../../protocol/ids.ts";
import { type LeaseEnd, Leases } from "../../worker/leases.ts";
import { type Assignment, Scheduler, type Work } from "../../worker/scheduler.ts";

/** Tests for one worker, and the node on which it is. */
export interface Share extends Assignment {
  readonly node: string;
}

/** What came of the tests that were with a lost node: they run again, or as many nodes were lost with them as a test may cost. */
export interface LostShares {
  readonly repeated: readonly number[];
  readonly givenUp: readonly number[];
}

interface TestWorker {
  readonly node: string;
  /** Tests that it was told and whose outcome has not been counted, in their order. */
  readonly told: number[];
}

interface LostWorker {
  readonly worker: string;
  readonly place: number | null;
  readonly told: readonly number[];
}

/**
 * Which worker of which node has which tests of a run, and who still owes what. Tests are named by their places in the list of collected
 * tests. Pure: it knows what it is told.
 *
 * A node is lost in two steps. From `loseNode` on nobody gives it anything; what it has told until then is still being counted. When the
 * last of its workers is accounted for (`loseWorker`, `leave`), `settle` hands out again what is left.
 */
export class TestShares {
  readonly #run: RunId;
  readonly #leases: Leases;
  readonly #scheduler: Scheduler;
  readonly #workers = new Map<string, TestWorker>();
  /** Nodes that are lost and not settled, with what their workers had. */
  readonly #lost = new Map<string, LostWorker[]>();

  constructor(run: RunId, work: Work) {
    this.#run = run;
    this.#leases = new Leases(run, work.groups.length);
    this.#scheduler = new Scheduler(work);
  }

  /** A node takes part from now on. */
  join(node: string): void {
    this.#leases.join(node);
  }

  /** A node has one worker more. */
  add(worker: string, node: string): void {
    this.#scheduler.add(worker, node);
    this.#workers.set(worker, { node, told: [] });
  }

  /** The node of a worker that is not accounted for; undefined for all others. */
  nodeOf(worker: string): string | undefined {
    return this.#workers.get(worker)?.node;
  }

  /** Workers that are not accounted for, of one node or of all. */
  workersOf(node?: string): readonly string[] {
    return [...this.#workers].filter(([, each]) => node === undefined || each.node === node).map(([worker]) => worker);
  }

  /** Whether there are tests that no living worker has been told to run. */
  get hasUntold(): boolean {
    return this.#scheduler.hasUntold;
  }

  /** Whether a worker lives that can be told more. */
  get hasOpenWorker(): boolean {
    return this.#scheduler.hasOpenWorker;
  }

  /** What is to be told to whom now. A lost node gets nothing: what is meant for its workers comes back with them. */
  handOut(): readonly Share[] {
    return this.#scheduler.handOut().flatMap((assignment) => {
      const worker = this.#workers.get(assignment.worker);
      if (worker === undefined) return [];
      if (assignment.places.length > 0) this.#leases.grant(worker.node, assignment.places);
      worker.told.push(...assignment.places);
      return [{ ...assignment, node: worker.node }];
    });
  }

  /** So many more of the tests of a worker have their outcome, which took it so long. */
  worked(worker: string, done: number, busyMs: number): void {
    const known = this.#workers.get(worker);
    for (const place of known?.told.splice(0, done) ?? []) this.#accept(place);
    this.#scheduler.worked(worker, done, busyMs);
  }

  /** A worker has left because nothing more comes. */
  leave(worker: string): void {
    this.#workers.delete(worker);
  }

  /**
   * Nothing more is heard of a worker, and all that it had told is counted; the test at `place` has failed with it. Returns whether its
   * node lives: then others can have its tests at once.
   */
  loseWorker(worker: string, place: number | null): boolean {
    const known = this.#workers.get(worker);
    if (known === undefined) return false;
    this.#workers.delete(worker);
    const told = known.told.filter((each) => each !== place);
    if (place !== null) this.#accept(place);
    const lost = this.#lost.get(known.node);
    if (lost === undefined) {
      this.#leases.giveBack(known.node, told);
      this.#scheduler.lost(worker, place);
      return true;
    }
    lost.push({ worker, place, told });
    return false;
  }

  /** A node is not heard of any more. */
  loseNode(node: string): void {
    if (this.#leases.nodes.includes(node)) this.#lost.set(node, []);
  }

  /** What came of a lost node's tests, when its last worker is accounted for; undefined before, and where it is not lost. */
  settle(node: string): LostShares | undefined {
    const lost = this.#lost.get(node);
    if (lost === undefined || this.workersOf(node).length > 0) return undefined;
    this.#lost.delete(node);
    const givenUp = new Set(this.#leases.lose(node).givenUp);
    for (const { worker, place } of lost) this.#scheduler.lost(worker, place, givenUp);
    const repeated = lost.flatMap(({ told }) => told).filter((place) => !givenUp.has(place));
    return { repeated, givenUp: [...givenUp] };
  }

  /** What the run came to, if it ended now. */
  end(): LeaseEnd {
    return this.#leases.end();
  }

  #accept(place: number): void {
    const state = this.#leases.stateOf(place);
    if (state.kind !== "leased") return;
    this.#leases.accept({ run: this.#run, node: state.node, attempt: state.attempt, place });
  }
}
