import fc from "fast-check";
import { expect, test } from "vitest";
import { Scheduler, type Work } from "../../../src/worker/scheduler.ts";

const PLAIN: Omit<Work, "groups" | "expectedMs"> = { mayDivide: true, order: "collected", isForEach: false };

interface Simulated {
  readonly tests: { readonly group: number; readonly expectedMs: number | null; readonly ms: number }[];
  readonly workers: number;
  readonly mayDivide: boolean;
  readonly order: Work["order"];
  /** A worker is lost with its so-manyth step. */
  readonly losses: readonly number[];
  /** How many times the usual a machine takes; workers are spread over the machines. One machine where there are none. */
  readonly slowness?: readonly number[];
  readonly aheadMs?: number;
}

const simulated: fc.Arbitrary<Simulated> = fc.record({
  tests: fc.array(
    fc.record({
      group: fc.nat(12),
      expectedMs: fc.option(fc.integer({ min: 0, max: 300 })),
      ms: fc.integer({ min: 1, max: 300 }),
    }),
    { minLength: 1, maxLength: 80 },
  ),
  workers: fc.integer({ min: 1, max: 6 }),
  mayDivide: fc.boolean(),
  order: fc.constantFrom("collected", "largest", "longest"),
  losses: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 3 }),
});

const onNodes: fc.Arbitrary<Simulated> = fc
  .tuple(simulated, fc.array(fc.constantFrom(1, 1, 3, 20), { minLength: 1, maxLength: 3 }), fc.constantFrom(60, 300))
  .map(([run, slowness, aheadMs]) => ({ ...run, slowness, aheadMs }));

/** Plays a run: workers run what they are told as a real one does, which begins a test only when it knows what follows. */
function play({ tests, workers, mayDivide, order, losses, slowness = [], aheadMs }: Simulated) {
  const scheduler = new Scheduler({
    groups: tests.map(({ group }) => group),
    expectedMs: tests.map(({ expectedMs }) => expectedMs),
    mayDivide,
    order,
    isForEach: false,
    ...(aheadMs === undefined ? {} : { aheadMs, slots: workers }),
  });
  const live = new Map<string, { queue: number[]; isLast: boolean; freeAtMs: number }>();
  const ranBy = new Map<number, string[]>();
  let names = 0;
  const start = (atMs: number) => {
    const name = `gw${names++}`;
    live.set(name, { queue: [], isLast: false, freeAtMs: atMs });
    scheduler.add(name, `machine ${machineOf(name)}`);
  };
  const machineOf = (name: string) => (slowness.length === 0 ? 0 : Number(name.slice(2)) % slowness.length);
  const tell = () => {
    for (const { worker, places, isLast } of scheduler.handOut()) {
      live.get(worker)?.queue.push(...places);
      const known = live.get(worker);
      if (known !== undefined) known.isLast = isLast;
    }
  };
  for (let count = 0; count < workers; count += 1) start(0);
  tell();
  let makespanMs = 0;
  for (let step = 1; live.size > 0; step += 1) {
    const able = [...live].filter(([, { queue, isLast }]) => queue.length > 1 || isLast);
    // If nobody can go on, the run hangs.
    expect(able.length).toBeGreaterThan(0);
    const [name, worker] = able.reduce((a, b) => (b[1].freeAtMs < a[1].freeAtMs ? b : a));
    const place = worker.queue.shift();
    if (place === undefined) {
      live.delete(name);
      continue;
    }
    ranBy.set(place, [...(ranBy.get(place) ?? []), name]);
    const ms = (tests[place]?.ms ?? 0) * (slowness[machineOf(name)] ?? 1);
    worker.freeAtMs += ms;
    makespanMs = Math.max(makespanMs, worker.freeAtMs);
    if (losses.includes(step)) {
      live.delete(name);
      scheduler.lost(name, place);
      if (scheduler.hasUntold) start(worker.freeAtMs);
    } else {
      scheduler.worked(name, 1, ms);
    }
    tell();
  }
  return { ranBy, makespanMs };
}

test("every test runs exactly once, whatever workers do, and nobody waits for ever", () => {
  fc.assert(
    fc.property(simulated, (run) => {
      const { ranBy } = play(run);
      expect([...ranBy.keys()].toSorted((a, b) => a - b)).toEqual(run.tests.map((_, place) => place));
      for (const workers of ranBy.values()) expect(workers.length).toBe(1);
    }),
    { numRuns: 500 },
  );
});

test("every test runs exactly once on machines of any pace, and nobody waits for ever", () => {
  fc.assert(
    fc.property(onNodes, (run) => {
      const { ranBy } = play(run);
      expect([...ranBy.keys()].toSorted((a, b) => a - b)).toEqual(run.tests.map((_, place) => place));
      for (const workers of ranBy.values()) expect(workers.length).toBe(1);
    }),
    { numRuns: 1000 },
  );
});

test("a machine that takes twenty times as long is not waited for as if it were like the others", () => {
  const tests = Array.from({ length: 4000 }, (_, place) => ({
    group: place,
    expectedMs: place % 97 === 0 ? 200 : 5,
    ms: place % 97 === 0 ? 200 : 5,
  }));
  const slowness = [1, 1, 1, 20];
  const { makespanMs } = play({
    tests,
    workers: 8,
    mayDivide: true,
    order: "longest",
    losses: [],
    slowness,
    aheadMs: 60,
  });
  const sumMs = tests.reduce((sum, { ms }) => sum + ms, 0);
  expect(makespanMs).toBeLessThan(1.15 * (sumMs / (2 * (3 + 1 / 20))));
});

test("a worker far away has a test that it can begin when it ends one, whatever comes last", () => {
  const scheduler = new Scheduler({ ...PLAIN, aheadMs: 100, groups: [0, 1, 2, 3], expectedMs: [1, 500, 500, 500] });
  scheduler.add("a");
  // Of the two that wait, the first can be begun without news.
  expect(scheduler.handOut()[0]?.places).toEqual([0, 1, 2]);
});

test("a group is one worker's where it must not be divided", () => {
  fc.assert(
    fc.property(simulated, (run) => {
      const { ranBy } = play({ ...run, mayDivide: false, losses: [] });
      const workersOf = new Map<number, Set<string>>();
      for (const [place, [worker = ""]] of ranBy) {
        const group = run.tests[place]?.group ?? 0;
        workersOf.set(group, (workersOf.get(group) ?? new Set()).add(worker));
      }
      for (const workers of workersOf.values()) expect(workers.size).toBe(1);
    }),
    { numRuns: 300 },
  );
});

test("where durations are known, the makespan is near the lower bound", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 100, maxLength: 300 }),
      fc.integer({ min: 2, max: 8 }),
      (durations, workers) => {
        const tests = durations.map((ms, place) => ({ group: place, expectedMs: ms, ms }));
        const { makespanMs } = play({ tests, workers, mayDivide: true, order: "longest", losses: [] });
        const sum = durations.reduce((a, b) => a + b, 0);
        // A test that is told cannot be taken back: at most the two longest lie in the way.
        expect(makespanMs).toBeLessThanOrEqual(sum / workers + 2 * Math.max(...durations));
      },
    ),
  );
});

test("two tests go to two workers", () => {
  const scheduler = new Scheduler({ ...PLAIN, groups: [0, 1], expectedMs: [null, null] });
  scheduler.add("a");
  scheduler.add("b");
  expect(scheduler.handOut()).toEqual([
    { worker: "a", places: [0], isLast: true },
    { worker: "b", places: [1], isLast: true },
  ]);
});

test("quick tests are told many at a time, slow ones two", () => {
  const places = (ms: number) => {
    const scheduler = new Scheduler({
      ...PLAIN,
      groups: Array.from({ length: 1000 }, (_, place) => place),
      expectedMs: Array.from({ length: 1000 }, () => ms),
    });
    scheduler.add("a");
    scheduler.add("b");
    return scheduler.handOut().map((each) => each.places.length);
  };
  expect(places(100)).toEqual([2, 2]);
  expect(places(0.25)).toEqual([81, 81]);
});

test("what takes longer than the average begins first, the longest before", () => {
  const expectedMs = [1, 1, 1, 90, 1, 1, 300, 1, 1, 1];
  const scheduler = new Scheduler({
    ...PLAIN,
    order: "longest",
    groups: expectedMs.map((_, place) => place),
    expectedMs,
  });
  scheduler.add("a");
  expect(scheduler.handOut()[0]?.places.slice(0, 2)).toEqual([6, 3]);
});

test("each worker is told everything where everybody runs everything", () => {
  const scheduler = new Scheduler({ ...PLAIN, isForEach: true, groups: [0, 1], expectedMs: [1, 1] });
  scheduler.add("a");
  scheduler.add("b");
  expect(scheduler.handOut()).toEqual([
    { worker: "a", places: [0, 1], isLast: true },
    { worker: "b", places: [0, 1], isLast: true },
  ]);
});
