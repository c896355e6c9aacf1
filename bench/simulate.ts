// Replays recorded durations of tests through our scheduler and through the rules of pytest-xdist: how long the longest worker takes.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Scheduler, type Work } from "../src/worker/scheduler.ts";
import { replaceSection } from "./table.ts";
import { type HandOutRules, Load, LoadScope, type Queue, WorkSteal } from "./xdist-rules.ts";

/** One recorded suite. Two runs: our scheduler knows the first, and both schedulers replay the second. */
interface Suite {
  readonly name: string;
  /** File or class of each test, by number, and the group that shares fixtures in our way. */
  readonly scopes: readonly number[];
  readonly groups: readonly number[];
  readonly beforeMs: readonly number[];
  readonly takesMs: readonly number[];
}

const FOLDER = join(import.meta.dirname, "durations");
const WORKERS = [2, 4, 8];

const { values } = parseArgs({ options: { write: { type: "boolean", default: false } } });
main();

function main(): void {
  const recorded = readdirSync(FOLDER).map((file) => read(file));
  const rows = [...recorded, mixed()].flatMap((suite) => WORKERS.map((count) => row(suite, count)));
  const text = [
    "| suite | workers | lower bound | prewarm | prewarm, first run | load | worksteal | loadscope |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
  console.log(text);
  if (values.write) replaceSection(join(import.meta.dirname, "README.md"), "simulation", text);
}

function read(file: string): Suite {
  const lines = readFileSync(join(FOLDER, file), "utf8").trim().split("\n").slice(1);
  const cells = lines.map((line) => line.split(",").map(Number));
  const column = (at: number): readonly number[] => cells.map((row) => row[at] ?? 0);
  const name = `${file.replace(".csv", "")}, ${lines.length} tests`;
  return { name, scopes: column(0), groups: column(1), beforeMs: column(2), takesMs: column(3) };
}

/** 400 tests from 1 ms to 4 s, most of them quick, the long ones anywhere: the same each time. */
function mixed(): Suite {
  const takesMs = Array.from({ length: 400 }, (_, place) => {
    const share = ((place * 7919) % 400) / 400;
    return 4000 * share ** 8 + 1 + 20 * share;
  });
  const places = [...takesMs.keys()];
  // The run before was up to a fifth slower or quicker.
  const beforeMs = takesMs.map((ms, place) => ms * (0.8 + (0.4 * ((place * 31) % 17)) / 16));
  return {
    name: "mixed, 400 tests",
    scopes: places.map((at) => Math.floor(at / 20)),
    groups: places,
    beforeMs,
    takesMs,
  };
}

function row(suite: Suite, count: number): string {
  const { takesMs, scopes } = suite;
  const bound = Math.max(takesMs.reduce((sum, ms) => sum + ms, 0) / count, ...takesMs);
  const spans = [
    replayOurs(suite, count, suite.beforeMs),
    replayOurs(suite, count, null),
    replay(new Load(takesMs.length), takesMs, count),
    replay(new WorkSteal(takesMs.length), takesMs, count),
    replay(new LoadScope(scopes), takesMs, count),
  ];
  const cells = spans.map((ms) => `${(ms / 1000).toFixed(2)} (+${(100 * (ms / bound - 1)).toFixed(1)} %)`);
  return `| ${[suite.name, count, (bound / 1000).toFixed(2), ...cells].join(" | ")} |`;
}

/** When the last of several workers ends, with our scheduler; `knownMs` are the durations that it has been told, if any. */
function replayOurs({ groups, takesMs }: Suite, count: number, knownMs: readonly number[] | null): number {
  const expectedMs = knownMs ?? groups.map(() => null);
  const work: Work = { groups, expectedMs, mayDivide: true, order: "longest", isForEach: false };
  const scheduler = new Scheduler(work);
  const names = Array.from({ length: count }, (_, at) => `gw${at}`);
  for (const name of names) scheduler.add(name);
  const queues = new Map<string, Queue>(names.map((name) => [name, { tests: [], isClosed: false }]));
  const handOut = (): void => {
    for (const { worker, places, isLast } of scheduler.handOut()) {
      const queue = queues.get(worker);
      queue?.tests.push(...places);
      if (queue !== undefined) queue.isClosed ||= isLast;
    }
  };
  handOut();
  return run([...queues.values()], takesMs, (queue, tookMs) => {
    for (const [name, each] of queues) if (each === queue) scheduler.worked(name, 1, tookMs);
    handOut();
  });
}

function replay(rules: HandOutRules, takesMs: readonly number[], count: number): number {
  const queues = Array.from({ length: count }, (): Queue => ({ tests: [], isClosed: false }));
  rules.begin(queues);
  return run(queues, takesMs, (queue, tookMs) => rules.ended(queue, tookMs, queues));
}

/** Lets workers run what they have, one event after another; returns when the last one is done. */
function run(
  queues: readonly Queue[],
  takesMs: readonly number[],
  onEnded: (queue: Queue, tookMs: number) => void,
): number {
  const endsAt = new Map<Queue, number>();
  let ran = 0;
  let now = 0;
  for (;;) {
    for (const queue of queues) {
      const place = queue.tests[0];
      if (place !== undefined && !endsAt.has(queue) && (queue.isClosed || queue.tests.length > 1)) {
        endsAt.set(queue, now + (takesMs[place] ?? 0));
      }
    }
    const [next] = [...endsAt].toSorted(([, a], [, b]) => a - b);
    if (next === undefined) break;
    const [queue, endMs] = next;
    now = endMs;
    endsAt.delete(queue);
    const place = queue.tests.shift();
    ran += 1;
    onEnded(queue, takesMs[place ?? 0] ?? 0);
  }
  if (ran !== takesMs.length) throw new Error(`${ran} of ${takesMs.length} tests ran.`);
  return now;
}
