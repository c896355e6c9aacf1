import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Share, TestShares } from "../../../../src/daemon/nodes/test-shares.ts";
import type { RunId } from "../../../../src/protocol/ids.ts";
import type { Work } from "../../../../src/worker/scheduler.ts";

const RUN = "r1" as RunId;

function workOf(tests: number): Work {
  return {
    groups: Array.from({ length: tests }, (_, place) => place),
    expectedMs: Array.from({ length: tests }, () => null),
    ...{ mayDivide: true, order: "collected", isForEach: false, aheadMs: 300, slots: 8 },
  };
}

/** Two nodes with a worker each, which have their first tests. */
function begun(tests: number): { readonly shares: TestShares; readonly told: (worker: string) => readonly number[] } {
  const shares = new TestShares(RUN, workOf(tests));
  for (const [worker, node] of [
    ["gw0", "one"],
    ["gw1", "two"],
  ] as const) {
    shares.join(node);
    shares.add(worker, node);
  }
  const given = shares.handOut();
  return { shares, told: (worker) => placesOf(given, worker) };
}

function placesOf(given: readonly Share[], worker: string): readonly number[] {
  return given.filter((share) => share.worker === worker).flatMap(({ places }) => places);
}

describe("a worker that dies while its node lives", () => {
  test("has failed its test, and others get what it had not begun", () => {
    const { shares, told } = begun(40);
    const [first, ...rest] = told("gw0");
    expect(first).toBeDefined();
    expect(shares.loseWorker("gw0", first ?? -1)).toBe(true);
    shares.add("gw2", "one");
    const again = shares.handOut().flatMap(({ places }) => places);
    expect(again).toEqual(expect.arrayContaining(rest.slice(0, 1)));
    expect(again).not.toContain(first);
  });

  test("is accounted for once", () => {
    const { shares } = begun(40);
    expect(shares.loseWorker("gw0", null)).toBe(true);
    expect(shares.loseWorker("gw0", null)).toBe(false);
    expect(shares.nodeOf("gw0")).toBeUndefined();
    expect(shares.workersOf()).toEqual(["gw1"]);
  });
});

describe("a node that is lost", () => {
  test("is settled when its last worker is accounted for, and what it had is repeated", () => {
    const { shares, told } = begun(40);
    shares.add("gw2", "one");
    const more = placesOf(shares.handOut(), "gw2");
    shares.loseNode("one");
    expect(shares.settle("one")).toBeUndefined();
    expect(shares.loseWorker("gw0", null)).toBe(false);
    expect(shares.settle("one")).toBeUndefined();
    expect(shares.loseWorker("gw2", null)).toBe(false);
    const lost = shares.settle("one");
    expect(lost?.repeated.toSorted()).toEqual([...told("gw0"), ...more].toSorted());
    expect(lost?.givenUp).toEqual([]);
    // Once.
    expect(shares.settle("one")).toBeUndefined();
  });

  test("keeps the outcomes that were counted before", () => {
    const { shares, told } = begun(40);
    shares.worked("gw0", 1, 3);
    shares.loseNode("one");
    shares.loseWorker("gw0", null);
    expect(shares.settle("one")?.repeated).not.toContain(told("gw0")[0]);
  });

  test("costs no test that it never had", () => {
    const { shares } = begun(40);
    shares.loseNode("never joined");
    expect(shares.settle("never joined")).toBeUndefined();
    expect(shares.end().kind).toBe("incomplete");
  });

  test("gives a test up that three nodes were lost with, and the run is not complete", () => {
    const shares = new TestShares(RUN, workOf(1));
    for (const [index, node] of ["one", "two", "three"].entries()) {
      shares.join(node);
      shares.add(`gw${index}`, node);
      expect(placesOf(shares.handOut(), `gw${index}`)).toEqual([0]);
      shares.loseNode(node);
      shares.loseWorker(`gw${index}`, null);
      expect(shares.settle(node)).toEqual(index < 2 ? { repeated: [0], givenUp: [] } : { repeated: [], givenUp: [0] });
    }
    expect(shares.hasUntold).toBe(false);
    expect(shares.end()).toMatchObject({ kind: "incomplete", missing: [{ place: 0 }] });
  });
});

/** What may happen next; numbers choose among the workers that are there. */
const step = fc.record({
  kind: fc.constantFrom(
    "work" as const,
    "work" as const,
    "work" as const,
    "die" as const,
    "lose" as const,
    "join" as const,
  ),
  of: fc.nat(),
  done: fc.integer({ min: 1, max: 3 }),
});

test("whatever happens to workers and nodes, each test is counted once, or the run says which have no outcome", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.array(step, { maxLength: 60 }), (tests, steps) => {
      const shares = new TestShares(RUN, workOf(tests));
      const counted = new Map<number, number>();
      const givenUp = new Set<number>();
      const queues = new Map<string, number[]>();
      let names = 0;
      const join = (): void => {
        names += 1;
        shares.join(`node${names}`);
        shares.add(`gw${names}`, `node${names}`);
        queues.set(`gw${names}`, []);
      };
      const count = (place: number): void => {
        counted.set(place, (counted.get(place) ?? 0) + 1);
      };
      const handOut = (): void => {
        for (const { worker, places } of shares.handOut()) queues.get(worker)?.push(...places);
      };
      const work = (worker: string, most: number): void => {
        const done = queues.get(worker)?.splice(0, most) ?? [];
        for (const place of done) count(place);
        shares.worked(worker, done.length, 1);
      };
      join();
      for (const { kind, of, done } of [
        ...steps,
        ...Array.from({ length: 200 }, () => ({ kind: "work" as const, of: 0, done: 3 })),
      ]) {
        // As a hand-out does where those that are there have been told that nothing follows.
        if (queues.size === 0 || (!shares.hasOpenWorker && shares.hasUntold)) join();
        handOut();
        const workers = [...queues.keys()];
        const worker = workers[of % workers.length] ?? "";
        if (kind === "join") join();
        else if (kind === "work") for (const each of of === 0 ? workers : [worker]) work(each, done);
        else {
          const node = shares.nodeOf(worker) ?? "";
          // A worker dies in its test, a node without a word.
          const place = kind === "die" ? (queues.get(worker)?.[0] ?? null) : null;
          if (kind === "lose") shares.loseNode(node);
          if (place !== null) count(place);
          queues.delete(worker);
          expect(shares.loseWorker(worker, place)).toBe(kind === "die");
          for (const each of shares.settle(node)?.givenUp ?? []) givenUp.add(each);
        }
      }
      for (let place = 0; place < tests; place += 1) expect(counted.get(place) ?? 0).toBe(givenUp.has(place) ? 0 : 1);
      expect(shares.end().kind).toBe(givenUp.size === 0 ? "complete" : "incomplete");
    }),
    { numRuns: 300 },
  );
});
