import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RunId } from "../../../src/protocol/ids.ts";
import { type Claim, type Lease, Leases } from "../../../src/worker/leases.ts";

const RUN = "r1" as RunId;

/** What may happen next. Numbers choose among what is there then. */
type Step =
  | { readonly kind: "join" }
  | { readonly kind: "grant"; readonly node: number; readonly from: number; readonly count: number }
  | { readonly kind: "result"; readonly of: number; readonly twice: boolean }
  | { readonly kind: "give-back"; readonly of: number }
  | { readonly kind: "lose"; readonly node: number; readonly comesBack: boolean }
  | { readonly kind: "forged"; readonly node: number; readonly attempt: number; readonly place: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("join" as const) }),
  fc.record({
    kind: fc.constant("grant" as const),
    node: fc.nat(),
    from: fc.nat(),
    count: fc.integer({ min: 1, max: 6 }),
  }),
  fc.record({ kind: fc.constant("result" as const), of: fc.nat(), twice: fc.boolean() }),
  fc.record({ kind: fc.constant("give-back" as const), of: fc.nat() }),
  fc.record({ kind: fc.constant("lose" as const), node: fc.nat(), comesBack: fc.boolean() }),
  fc.record({ kind: fc.constant("forged" as const), node: fc.nat(4), attempt: fc.nat(4), place: fc.nat(14) }),
);

/** A run of which a model keeps the books as well: who has which test, and what every node that ever was could still say. */
class Played {
  readonly #leases: Leases;
  readonly #tests: number;
  /** The attempt and the life of a node that has the test just now. */
  readonly #held = new Map<number, { readonly node: string; readonly attempt: number }>();
  /** Everything that was ever leased: each may be told at any time, also by nodes that were lost. */
  readonly #claims: Claim[] = [];
  readonly outcomes: number[];
  readonly #lost: number[];
  #names = 0;

  constructor(tests: number, mostNodesLost: number) {
    this.#tests = tests;
    this.#leases = new Leases(RUN, tests, mostNodesLost);
    this.outcomes = Array.from({ length: tests }, () => 0);
    this.#lost = Array.from({ length: tests }, () => 0);
  }

  get leases(): Leases {
    return this.#leases;
  }

  take(next: Step): void {
    const { nodes } = this.#leases;
    const node = (number: number) => nodes[number % Math.max(1, nodes.length)];
    switch (next.kind) {
      case "join":
        this.#leases.join(`node-${this.#names++}`);
        break;
      case "grant":
        this.#grant(node(next.node), next.from, next.count);
        break;
      case "result":
        this.#tell(this.#claims[next.of % Math.max(1, this.#claims.length)]);
        if (next.twice) this.#tell(this.#claims[next.of % Math.max(1, this.#claims.length)]);
        break;
      case "give-back":
        this.#giveBack(next.of);
        break;
      case "lose":
        this.#lose(node(next.node), next.comesBack);
        break;
      case "forged":
        this.#tell({ run: RUN, node: `node-${next.node}`, attempt: next.attempt, place: next.place });
        break;
    }
  }

  /** Grants what is left to a new node, which tells all of it. */
  finish(): void {
    this.#leases.join("last");
    for (const name of this.#leases.nodes) if (name !== "last") this.#lose(name, false);
    this.#grant("last", 0, this.#tests);
    for (const claim of this.#claims) this.#tell(claim);
  }

  #grant(node: string | undefined, from: number, count: number): void {
    if (node === undefined) return;
    const pool = this.outcomes.map((_, place) => place).filter((place) => this.#leases.stateOf(place).kind === "pool");
    const places = pool.slice(from % Math.max(1, pool.length)).slice(0, count);
    for (const { attempt, places: leased } of this.#leases.grant(node, places)) {
      for (const place of leased) {
        this.#held.set(place, { node, attempt });
        this.#claims.push({ run: RUN, node, attempt, place });
      }
    }
  }

  #tell(claim: Claim | undefined): void {
    if (claim === undefined) return;
    const held = this.#held.get(claim.place);
    const isDue = held?.node === claim.node && held.attempt === claim.attempt;
    const acceptance = this.#leases.accept(claim);
    expect(acceptance.kind).toBe(isDue ? "accepted" : "dropped");
    if (acceptance.kind !== "accepted") return;
    expect(acceptance.mayHaveRunBefore).toBe((this.#lost[claim.place] ?? 0) > 0);
    this.#held.delete(claim.place);
    this.outcomes[claim.place] = (this.outcomes[claim.place] ?? 0) + 1;
  }

  #giveBack(of: number): void {
    const [place, held] = [...this.#held][of % Math.max(1, this.#held.size)] ?? [];
    if (place === undefined || held === undefined) return;
    this.#leases.giveBack(held.node, [place]);
    this.#held.delete(place);
  }

  #lose(node: string | undefined, comesBack: boolean): void {
    if (node === undefined) return;
    const had = [...this.#held].filter(([, held]) => held.node === node).map(([place]) => place);
    const { returned, givenUp } = this.#leases.lose(node);
    expect([...returned, ...givenUp].toSorted((a, b) => a - b)).toEqual(had.toSorted((a, b) => a - b));
    for (const place of had) {
      this.#held.delete(place);
      this.#lost[place] = (this.#lost[place] ?? 0) + 1;
    }
    // What it says of its former life is late, under the old name as well.
    if (comesBack) this.#leases.join(node);
  }
}

describe("any order of grants, outcomes, losses and joins", () => {
  test("ends with one accepted outcome a test, or with a reason, never with two", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 3 }),
        fc.array(step, { maxLength: 120 }),
        (tests, mostNodesLost, steps) => {
          const run = new Played(tests, mostNodesLost);
          run.leases.join("first");
          for (const each of steps) run.take(each);
          expectEnd(run);
          run.finish();
          expectEnd(run);
          expect(run.leases.isOver).toBe(true);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test("a test costs no more nodes than it may", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), (most) => {
        const leases = new Leases(RUN, 1, most);
        let nodes = 0;
        while (leases.stateOf(0).kind === "pool") {
          leases.join(`node-${nodes}`);
          leases.grant(`node-${nodes}`, [0]);
          leases.lose(`node-${nodes}`);
          nodes += 1;
        }
        expect(nodes).toBe(most);
        expect(leases.stateOf(0)).toEqual({ kind: "given-up", nodesLost: most });
      }),
    );
  });
});

function expectEnd(run: Played): void {
  const end = run.leases.end();
  const missing = new Map(end.kind === "complete" ? [] : end.missing.map(({ place, reason }) => [place, reason]));
  for (const [place, outcomes] of run.outcomes.entries()) {
    expect(outcomes + (missing.has(place) ? 1 : 0)).toBe(1);
    if (missing.has(place)) expect(missing.get(place)).not.toBe("");
  }
}

test("a batch is leased with its attempt, and what was lost is in the next one", () => {
  const leases = new Leases(RUN, 3);
  leases.join("a");
  leases.join("b");
  expect(leases.grant("a", [0, 1])).toEqual([{ run: RUN, node: "a", attempt: 1, places: [0, 1] }]);
  expect(leases.accept(claim("a", 1, 0))).toEqual({ kind: "accepted", mayHaveRunBefore: false });
  expect(leases.lose("a")).toEqual({ returned: [1], givenUp: [] });
  const granted: readonly Lease[] = leases.grant("b", [1, 2]);
  expect(granted.map(({ attempt, places }) => [attempt, places])).toEqual([
    [2, [1]],
    [1, [2]],
  ]);
  expect(leases.accept(claim("a", 1, 1))).toEqual({ kind: "dropped", reason: "an old attempt" });
  expect(leases.accept(claim("b", 2, 1))).toEqual({ kind: "accepted", mayHaveRunBefore: true });
  expect(leases.accept(claim("b", 2, 1))).toEqual({ kind: "dropped", reason: "there is one already" });
  expect(leases.end()).toEqual({ kind: "incomplete", missing: [{ place: 2, reason: "b has not told its outcome" }] });
  leases.accept(claim("b", 1, 2));
  expect(leases.end()).toEqual({ kind: "complete" });
});

test("a node that comes back is another one: what it was leased before is not its own any more", () => {
  const leases = new Leases(RUN, 1);
  leases.join("a");
  leases.grant("a", [0]);
  leases.lose("a");
  leases.join("a");
  expect(leases.accept(claim("a", 1, 0))).toEqual({ kind: "dropped", reason: "not this node's" });
  leases.grant("a", [0]);
  expect(leases.accept(claim("a", 2, 0)).kind).toBe("accepted");
});

test("outcomes of another run or of no test are dropped", () => {
  const leases = new Leases(RUN, 1);
  leases.join("a");
  leases.grant("a", [0]);
  expect(leases.accept({ ...claim("a", 1, 0), run: "r0" as RunId })).toEqual({
    kind: "dropped",
    reason: "another run",
  });
  expect(leases.accept(claim("a", 1, 7))).toEqual({ kind: "dropped", reason: "no such test" });
  expect(leases.accept(claim("a", 1, -1))).toEqual({ kind: "dropped", reason: "no such test" });
});

test("a test that nobody runs any more says why", () => {
  const leases = new Leases(RUN, 3, 1);
  leases.join("a");
  leases.grant("a", [0]);
  expect(leases.lose("a")).toEqual({ returned: [], givenUp: [0] });
  leases.join("b");
  leases.grant("b", [1]);
  leases.giveBack("b", [1]);
  expect(leases.end()).toEqual({
    kind: "incomplete",
    missing: [
      { place: 0, reason: "a node was lost that had it" },
      { place: 1, reason: "no node took it" },
      { place: 2, reason: "no node took it" },
    ],
  });
});

function claim(node: string, attempt: number, place: number): Claim {
  return { run: RUN, node, attempt, place };
}
