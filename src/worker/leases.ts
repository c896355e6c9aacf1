import type { RunId } from "../protocol/ids.ts";

/**
 * What has become of one test.
 *
 *      ┌────────────── give back ──────────────┐
 *      ▼                                       │
 *     pool ──grant: attempt 1, 2, …──▶ leased to a node ──outcome of this attempt──▶ accepted
 *      ▲                                       │
 *      └─ lose the node ───────────────────────┴─ lose the last node that it may cost ──▶ given up
 *
 * Accepted and given up are ends. Whatever says something of a test that is not leased to that node with that attempt is late, and is dropped.
 */
export type TestState =
  | { readonly kind: "pool" }
  | { readonly kind: "leased" | "accepted"; readonly node: string; readonly attempt: number }
  | { readonly kind: "given-up"; readonly nodesLost: number };

/** Tests that one node is to run, by their places in the list of collected tests. All of them are in the same attempt, from 1 on. */
export interface Lease {
  readonly run: RunId;
  readonly node: string;
  readonly attempt: number;
  readonly places: readonly number[];
}

/** Whose outcome it is that has arrived. */
export interface Claim {
  readonly run: RunId;
  readonly node: string;
  readonly attempt: number;
  readonly place: number;
}

/** What an arriving outcome is worth. `mayHaveRunBefore`: a node was lost that had the test, so this may be its second time. */
export type Acceptance =
  | { readonly kind: "accepted"; readonly mayHaveRunBefore: boolean }
  | { readonly kind: "dropped"; readonly reason: DropReason };

export type DropReason = "another run" | "no such test" | "not this node's" | "an old attempt" | "there is one already";

/** What the loss of a node means. */
export interface Loss {
  /** Tests for others to run. Each of them may have run, since the node had it: what it did not live to tell is unknown. */
  readonly returned: readonly number[];
  /** Tests that nobody is to run again: as many nodes as a test may cost were lost with it. */
  readonly givenUp: readonly number[];
}

/** What a run came to: complete is the only end that may be green. */
export type LeaseEnd =
  | { readonly kind: "complete" }
  | { readonly kind: "incomplete"; readonly missing: readonly Missing[] };

/** A test without an outcome, and why. */
export interface Missing {
  readonly place: number;
  readonly reason: string;
}

/** A test that may end the machine that it runs on (memory) ends no more than so many. */
const MOST_NODES_LOST = 3;

const POOL = 0;
const LEASED = 1;
const ACCEPTED = 2;
const GIVEN_UP = 3;

/** No node: its number is never given. */
const NOBODY = 0;

/**
 * Who has to tell the outcome of which test of one run: a lease is of one test, one node, one attempt. However grants, outcomes and losses
 * follow each other, a test gets one accepted outcome, or there is a reason why it has none. Pure, and 8 bytes a test.
 */
export class Leases {
  readonly #run: RunId;
  readonly #mostNodesLost: number;
  readonly #states: Uint8Array;
  readonly #attempts: Uint16Array;
  /** How many nodes were lost with the test. */
  readonly #nodesLost: Uint8Array;
  /** The node that has it or had it last, by number. */
  readonly #holders: Uint32Array;
  /** Names by number. One that was lost and comes back has another number, so that nothing of its former life is taken for new. */
  readonly #names: string[] = [""];
  readonly #present = new Map<string, number>();
  #open: number;

  /** `tests` is how many there are, `mostNodesLost` with how many lost nodes (at most 255) a test is given up. */
  constructor(run: RunId, tests: number, mostNodesLost = MOST_NODES_LOST) {
    this.#run = run;
    this.#mostNodesLost = mostNodesLost;
    this.#states = new Uint8Array(tests);
    this.#attempts = new Uint16Array(tests);
    this.#nodesLost = new Uint8Array(tests);
    this.#holders = new Uint32Array(tests);
    this.#open = tests;
  }

  /** Whether each test has its outcome or is given up. */
  get isOver(): boolean {
    return this.#open === 0;
  }

  /** The nodes that are there. */
  get nodes(): readonly string[] {
    return [...this.#present.keys()];
  }

  /** A node is there, from the start or later. */
  join(node: string): void {
    if (this.#present.has(node)) throw new Error(`The node ${node} has joined already.`);
    this.#present.set(node, this.#names.push(node) - 1);
  }

  /** Leases tests of the pool to a node: one lease for each attempt that they are in. Mostly that is one lease. */
  grant(node: string, places: readonly number[]): readonly Lease[] {
    const holder = this.#numberOf(node);
    for (const place of places) {
      if (this.#states[place] !== POOL) throw new Error(`The test ${place} is not in the pool.`);
      this.#states[place] = LEASED;
      this.#attempts[place] = (this.#attempts[place] ?? 0) + 1;
      this.#holders[place] = holder;
    }
    const byAttempt = Map.groupBy(places, (place) => this.#attempts[place] ?? 0);
    return [...byAttempt].map(([attempt, ofAttempt]) => ({ run: this.#run, node, attempt, places: ofAttempt }));
  }

  /** An outcome has arrived. It counts only if this says so. */
  accept(claim: Claim): Acceptance {
    const reason = this.#whyDropped(claim);
    if (reason !== undefined) return { kind: "dropped", reason };
    this.#end(claim.place, ACCEPTED);
    return { kind: "accepted", mayHaveRunBefore: this.mayHaveRunBefore(claim.place) };
  }

  /** Whether a node was lost that had the test. */
  mayHaveRunBefore(place: number): boolean {
    return (this.#nodesLost[place] ?? 0) > 0;
  }

  /** A node tells that it will not run these tests and has not begun them, since one of its workers was lost: they are in the pool again. */
  giveBack(node: string, places: readonly number[]): void {
    const holder = this.#numberOf(node);
    for (const place of places) {
      if (this.#states[place] !== LEASED || this.#holders[place] !== holder) {
        throw new Error(`The test ${place} is not leased to ${node}.`);
      }
      this.#states[place] = POOL;
    }
  }

  /** A node is gone, or cannot be reached: nothing that it says from now on counts. */
  lose(node: string): Loss {
    const holder = this.#numberOf(node);
    this.#present.delete(node);
    const returned: number[] = [];
    const givenUp: number[] = [];
    for (let place = 0; place < this.#states.length; place += 1) {
      if (this.#states[place] !== LEASED || this.#holders[place] !== holder) continue;
      const lost = (this.#nodesLost[place] ?? 0) + 1;
      this.#nodesLost[place] = lost;
      if (lost < this.#mostNodesLost) {
        this.#states[place] = POOL;
        returned.push(place);
      } else {
        this.#end(place, GIVEN_UP);
        givenUp.push(place);
      }
    }
    return { returned, givenUp };
  }

  /** What is known of one test. */
  stateOf(place: number): TestState {
    const node = this.#names[this.#holders[place] ?? NOBODY] ?? "";
    const attempt = this.#attempts[place] ?? 0;
    switch (this.#states[place]) {
      case LEASED:
        return { kind: "leased", node, attempt };
      case ACCEPTED:
        return { kind: "accepted", node, attempt };
      case GIVEN_UP:
        return { kind: "given-up", nodesLost: this.#nodesLost[place] ?? 0 };
      default:
        return { kind: "pool" };
    }
  }

  /** What the run came to, if it ended now. */
  end(): LeaseEnd {
    if (this.#open === 0 && !this.#states.includes(GIVEN_UP)) return { kind: "complete" };
    const missing: Missing[] = [];
    for (let place = 0; place < this.#states.length; place += 1) {
      const reason = this.#whyMissing(place);
      if (reason !== undefined) missing.push({ place, reason });
    }
    return { kind: "incomplete", missing };
  }

  #whyMissing(place: number): string | undefined {
    const state = this.stateOf(place);
    switch (state.kind) {
      case "accepted":
        return undefined;
      case "leased":
        return `${state.node} has not told its outcome`;
      case "given-up":
        return `${state.nodesLost === 1 ? "a node was" : `${state.nodesLost} nodes were`} lost that had it`;
      case "pool":
        return this.mayHaveRunBefore(place) ? "the node that had it was lost, and no other took it" : "no node took it";
    }
  }

  #whyDropped({ run, node, attempt, place }: Claim): DropReason | undefined {
    if (run !== this.#run) return "another run";
    const state = this.#states[place];
    if (state === undefined) return "no such test";
    if (attempt !== this.#attempts[place]) return "an old attempt";
    if (state === ACCEPTED) return "there is one already";
    // The same attempt of a node that was lost since, or has come back with another number.
    if (state !== LEASED || this.#present.get(node) !== this.#holders[place]) return "not this node's";
    return undefined;
  }

  #end(place: number, state: typeof ACCEPTED | typeof GIVEN_UP): void {
    this.#states[place] = state;
    this.#open -= 1;
  }

  #numberOf(node: string): number {
    const number = this.#present.get(node);
    if (number === undefined) throw new Error(`The node ${node} is not there.`);
    return number;
  }
}
