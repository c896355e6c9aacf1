import { encodeFrame } from "../../src/protocol/frames.ts";
import type { RunId } from "../../src/protocol/ids.ts";
import { Leases } from "../../src/worker/leases.ts";
import { Scheduler } from "../../src/worker/scheduler.ts";
import { Clock } from "./clock.ts";
import { type Suite, seeded } from "./suite.ts";

/** What happens to the nodes of one simulation. */
export interface Scenario {
  readonly title: string;
  readonly nodes: number;
  readonly workersPerNode: number;
  /** One way to a node: from the first to the second, evenly spread over the nodes. */
  readonly latencyMs: readonly [number, number];
  /** The share of nodes that are lost, at times spread over the run. */
  readonly lost: number;
  /** The share of nodes that are slow, and how many times they take. */
  readonly slow: number;
  readonly slowness: number;
}

export interface Simulated {
  readonly makespanMs: number;
  /** The larger of all durations divided by the slots, and the longest test. Slots that are slow or lost count as what they are worth. */
  readonly boundMs: number;
  readonly messages: number;
  readonly sentBytes: number;
  /** What home computed to decide and to keep books, in real time. */
  readonly homeMs: number;
  /** Tests that ran a second time because a node was lost. */
  readonly repeated: number;
}

interface Worker {
  readonly name: string;
  readonly node: Node;
  readonly queue: number[];
  hasLast: boolean;
  isBusy: boolean;
  isGone: boolean;
  done: number[];
  busyMs: number;
  toldAtMs: number;
}

interface Node {
  readonly name: string;
  readonly latencyMs: number;
  readonly slowness: number;
  readonly workers: Worker[];
  isLost: boolean;
}

/** As on nodes (`src/daemon/nodes/node-hand-out.ts`). */
const AHEAD_MS = 300;
/** Home hears of what was done at most so often from one worker, and at once where it has little left. */
const REPORT_MS = 20;
const FEW_LEFT = 2;
/** A node that is lost is missed after so long: a connection that ends is seen at once, a cut-off machine by the heartbeat. */
const MISSED_AFTER_MS = 2_000;
const RUN = "r1" as RunId;

/** Plays one run with the real scheduler and the real lease table. Only time, nodes and tests are made up. */
export function simulate(suite: Suite, scenario: Scenario): Simulated {
  const { takesMs, groups, beforeMs } = suite;
  const clock = new Clock();
  const random = seeded(7);
  const scheduler = new Scheduler({
    groups,
    expectedMs: beforeMs,
    mayDivide: true,
    order: "longest",
    isForEach: false,
    aheadMs: AHEAD_MS,
    slots: scenario.nodes * scenario.workersPerNode,
  });
  const leases = new Leases(RUN, takesMs.length, 255);
  const workers = new Map<string, Worker>();
  let [messages, sentBytes, homeMs, repeated, makespanMs] = [0, 0, 0, 0, 0];

  const atHome = (act: () => void): void => {
    const startedMs = performance.now();
    act();
    homeMs += performance.now() - startedMs;
  };
  const count = (message: { readonly type: string }): void => {
    messages += 1;
    sentBytes += encodeFrame(message).length;
  };
  const handOut = (): void => {
    let assignments: ReturnType<Scheduler["handOut"]> = [];
    atHome(() => {
      assignments = scheduler.handOut();
      for (const { worker, places } of assignments) leases.grant(workers.get(worker)?.node.name ?? "", places);
    });
    for (const { worker: name, places, isLast } of assignments) {
      const worker = workers.get(name);
      if (worker === undefined) continue;
      count({ type: "assign", worker: name, places, isLast } as { type: string });
      clock.after(worker.node.latencyMs, () => {
        worker.queue.push(...places);
        worker.hasLast = isLast;
        goOn(worker);
      });
    }
  };
  const goOn = (worker: Worker): void => {
    if (worker.isBusy || worker.isGone || worker.node.isLost) return;
    const place = worker.queue[0];
    // A worker has to know whether another test follows.
    if (place === undefined || (worker.queue.length < 2 && !worker.hasLast)) {
      report(worker);
      return;
    }
    worker.isBusy = true;
    const ms = (takesMs[place] ?? 0) * worker.node.slowness;
    clock.after(ms, () => {
      if (worker.node.isLost) return;
      worker.isBusy = false;
      worker.queue.shift();
      worker.done.push(place);
      worker.busyMs += ms;
      if (worker.queue.length <= FEW_LEFT || clock.nowMs - worker.toldAtMs >= REPORT_MS) report(worker);
      goOn(worker);
    });
  };
  const report = (worker: Worker): void => {
    if (worker.done.length === 0) return;
    const { name, done, busyMs } = worker;
    const tests = done.map((place) => [place, "passed", Math.round((takesMs[place] ?? 0) * 1000) / 1000]);
    count({ type: "worked", worker: name, done: done.length, busyMs, tests, running: worker.queue[0] ?? null } as {
      type: string;
    });
    Object.assign(worker, { done: [], busyMs: 0, toldAtMs: clock.nowMs });
    clock.after(worker.node.latencyMs, () => {
      atHome(() => {
        for (const place of done) {
          const state = leases.stateOf(place);
          const attempt = state.kind === "leased" ? state.attempt : 0;
          const { kind } = leases.accept({ run: RUN, node: worker.node.name, attempt, place });
          if (kind === "accepted") makespanMs = clock.nowMs;
        }
        if (!worker.isGone) scheduler.worked(name, done.length, busyMs);
      });
      handOut();
    });
  };
  const start = (node: Node): void => {
    const name = `gw${workers.size}`;
    const worker: Worker = {
      name,
      node,
      queue: [],
      hasLast: false,
      isBusy: false,
      isGone: false,
      done: [],
      busyMs: 0,
      toldAtMs: 0,
    };
    node.workers.push(worker);
    workers.set(name, worker);
    scheduler.add(name, node.name);
  };
  const lose = (node: Node): void => {
    atHome(() => {
      repeated += leases.lose(node.name).returned.length;
      for (const worker of node.workers) {
        worker.isGone = true;
        scheduler.lost(worker.name, null);
      }
    });
    const spare = nodes.find(({ isLost }) => !isLost);
    if (!scheduler.hasOpenWorker && scheduler.hasUntold && spare !== undefined) start(spare);
    handOut();
  };

  const [least, most] = scenario.latencyMs;
  const nodes = Array.from({ length: scenario.nodes }, (_, index): Node => {
    const latencyMs = least + ((most - least) * index) / Math.max(1, scenario.nodes - 1);
    const isSlow = index % Math.round(1 / Math.max(scenario.slow, 1e-9)) === 3 && scenario.slow > 0;
    return { name: `n${index}`, latencyMs, slowness: isSlow ? scenario.slowness : 1, workers: [], isLost: false };
  });
  const slots = scenario.nodes * scenario.workersPerNode;
  const sumMs = takesMs.reduce((sum, ms) => sum + ms, 0);
  const lostNodes = nodes.filter((_, index) => scenario.lost > 0 && index % Math.round(1 / scenario.lost) === 5);
  const idealMs = sumMs / slots;
  const lostAtMs = lostNodes.map(() => random() * idealMs);
  for (const node of nodes) {
    leases.join(node.name);
    for (let worker = 0; worker < scenario.workersPerNode; worker += 1) start(node);
  }
  for (const [index, node] of lostNodes.entries()) {
    clock.after(lostAtMs[index] ?? 0, () => {
      node.isLost = true;
    });
    clock.after((lostAtMs[index] ?? 0) + MISSED_AFTER_MS, () => lose(node));
  }
  handOut();
  clock.run();
  const end = leases.end();
  if (end.kind !== "complete")
    throw new Error(`${end.missing.length} tests have no outcome: ${end.missing[0]?.reason}`);
  const worthOf = (node: Node) => 1 / node.slowness;
  // What lost nodes had worked until then has been worked.
  const lostWork = lostNodes.reduce(
    (sum, node, index) => sum + scenario.workersPerNode * worthOf(node) * (lostAtMs[index] ?? 0),
    0,
  );
  const left = nodes.filter((node) => !lostNodes.includes(node)).reduce((sum, node) => sum + worthOf(node), 0);
  const boundMs = Math.max((sumMs - lostWork) / (left * scenario.workersPerNode), ...longest(takesMs));
  return { makespanMs, boundMs, messages, sentBytes, homeMs, repeated };
}

function longest(numbers: readonly number[]): readonly number[] {
  return [numbers.reduce((most, ms) => Math.max(most, ms), 0)];
}
