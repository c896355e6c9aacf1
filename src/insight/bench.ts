import type { Cost, FixtureCost, ProfileRow, TestCost } from "../protocol/events.ts";
import { formatTime } from "../report/format-time.ts";
import { wallOf } from "./efficiency.ts";

/** Something to change, and the worker time that it would give back in each run. */
export interface Lever {
  readonly kind: "shared set-up" | "waiting" | "computing" | "slow call" | "set-up";
  readonly givesBackMs: number;
  readonly where: string;
  readonly evidence: string;
}

/** A test whose duration differs from run to run. */
export interface UnstableTiming {
  readonly id: string;
  readonly leastMs: number;
  readonly mostMs: number;
  /** Standard deviation as a part of the mean. */
  readonly variation: number;
}

/** What several measured runs of the same tests come to; all times are means of the runs. */
export interface Bench {
  readonly runs: number;
  readonly tests: number;
  readonly workers: number;
  readonly wallMs: number;
  /** Half of what lies between the quickest and the slowest run, as a part of the mean. */
  readonly wallSpread: number;
  readonly workMs: number;
  readonly cpuMs: number;
  readonly longest: { readonly id: string; readonly ms: number };
  readonly bestMs: number;
  readonly levers: readonly Lever[];
  readonly unstable: readonly UnstableTiming[];
}

/** One test over all runs. */
interface MeanTest {
  readonly id: string;
  readonly wallsMs: readonly number[];
  readonly wallMs: number;
  readonly setup: Cost;
  readonly call: Cost;
  /** What the set-ups that many tests share have taken of its own. */
  readonly sharedMs: number;
  /** The set-up that took most of the rest, in the first run. */
  readonly heaviest: FixtureCost | undefined;
}

const MOST_LEVERS = 12;
/** Less than this, and less than this part of the work, is not worth a line. */
const LEAST_MS = 20;
const LEAST_PART = 0.01;
/** A fixture that is set up less often is not shared by many. */
const OFTEN = 5;
const LONG_MS = 50;
/** Below this part of a call a processor was used: it waits. Above the other: it computes. */
const WAITS = 0.2;
const COMPUTES = 0.8;
const UNSTABLE = 0.4;
/** The clock and the scheduler alone make shorter tests vary that much. */
const STEADY_BELOW_MS = 5;

/** What runs of the same tests come to; undefined where none was measured. `name` shortens a path for people. */
export function reckonBench(
  runs: readonly (readonly TestCost[])[],
  cores: number,
  name: (path: string) => string,
): Bench | undefined {
  const measured = runs.filter((run) => run.length > 0);
  const shared = sharedSetUps(measured, name);
  const tests = meanTests(measured, new Set(shared.map(({ key }) => key)));
  const longest = tests.toSorted((one, other) => other.wallMs - one.wallMs)[0];
  if (longest === undefined) return undefined;
  const walls = measured.map(spanOf);
  const workMs = sum(tests.map(({ wallMs }) => wallMs));
  const wallMs = mean(walls);
  const least = Math.max(LEAST_MS, LEAST_PART * workMs);
  const levers = [
    ...shared.map(({ lever }) => lever),
    ...together(tests.flatMap((test) => [...callLevers(test), ...setUpLevers(test, name)])),
  ]
    .filter(({ givesBackMs }) => givesBackMs >= least)
    .toSorted((one, other) => other.givesBackMs - one.givesBackMs);
  return {
    runs: measured.length,
    tests: tests.length,
    workers: Math.max(...measured.map((run) => new Set(run.map(({ worker }) => worker)).size)),
    wallMs,
    wallSpread: wallMs > 0 ? (Math.max(...walls) - Math.min(...walls)) / 2 / wallMs : 0,
    workMs,
    cpuMs: mean(
      measured.map((run) => sum(run.map(({ setup, call, teardown }) => setup.cpuMs + call.cpuMs + teardown.cpuMs))),
    ),
    longest: { id: longest.id, ms: longest.wallMs },
    bestMs: Math.max(workMs / cores, longest.wallMs),
    levers: levers.slice(0, MOST_LEVERS),
    unstable: unstableOf(tests),
  };
}

/** The tests whose calls take longest, the longest first: worth a profile. */
export function worthProfiling(runs: readonly (readonly TestCost[])[], most: number): readonly string[] {
  return meanTests(runs)
    .toSorted((one, other) => other.call.wallMs - one.call.wallMs)
    .slice(0, most)
    .map(({ id }) => id);
}

/** What one function is called, where it lies, and how often it was called: `time.sleep in src/mail.py:40, 1 call`. */
export function nameRow({ name, path, line, calls }: ProfileRow, shorten: (path: string) => string): string {
  const place = path === "" ? "" : ` in ${shorten(path)}:${line}`;
  return `${nameInC(name) ?? name}${place}, ${calls} ${calls === 1 ? "call" : "calls"}`;
}

/** A function in C as a program names it: `time.sleep`, `list.append`; undefined for one in Python. */
function nameInC(name: string): string | undefined {
  const method = /^<method '([\w.]+)' of '([\w.]+)' objects>$/.exec(name);
  if (method !== null) return `${method[2]}.${method[1]}`;
  return (/^<built-in method (?:builtins\.)?(.+)>$/.exec(name) ?? /^<function (.+) at 0x[0-9a-f]+>$/.exec(name))?.[1];
}

/** Set-ups of which a run has many, each with what tells it from others. */
function sharedSetUps(
  runs: readonly (readonly TestCost[])[],
  name: (path: string) => string,
): readonly { readonly key: string; readonly lever: Lever }[] {
  const all = runs.flatMap((run) =>
    run.flatMap(({ id, fixtures }) => fixtures.map((fixture) => ({ file: fileOf(id), fixture }))),
  );
  return [...Map.groupBy(all, ({ fixture }) => keyOf(fixture))].flatMap(([key, uses]) => {
    const [first] = uses;
    const times = uses.length / runs.length;
    // What is installed has the scope that it has.
    if (first === undefined || times < OFTEN || /\/(?:site|dist)-packages\//.test(first.fixture.path)) return [];
    const { fixture } = first;
    const eachMs = mean(uses.map((use) => use.fixture.wallMs));
    const files = new Set(uses.map(({ file }) => file)).size;
    const wider =
      files > 1 && fixture.scope === "function"
        ? `; one for each of ${files} files gives back ${formatTime((times - files) * eachMs)}`
        : "";
    const lever = {
      kind: "shared set-up" as const,
      givesBackMs: (times - 1) * eachMs,
      where: nameSetUp(fixture, name),
      evidence: `scope ${fixture.scope}: ${Math.round(times)} × ${brief(eachMs)}, where one is enough${wider}`,
    };
    return [{ key, lever }];
  });
}

function keyOf({ name, path, line }: FixtureCost): string {
  return `${name}\0${path}\0${line}`;
}

/** A fixture, or a set-up that is none to who has written it. */
function nameSetUp({ name: own, path, line }: FixtureCost, name: (path: string) => string): string {
  const isMethod = /(?:^|\.)(?:setup_(?:module|class|method|function)|setUp(?:Module|Class)?)$/.test(own);
  return `${isMethod ? own : `fixture ${own}`}${path === "" ? "" : `, ${name(path)}:${line}`}`;
}

function callLevers({ id, call: { wallMs, cpuMs } }: MeanTest): readonly Lever[] {
  if (wallMs < LONG_MS) return [];
  const part = cpuMs / wallMs;
  const used = `call ${formatTime(wallMs)}, CPU ${Math.round(100 * part)} %`;
  if (part <= WAITS) return [{ kind: "waiting", givesBackMs: wallMs - cpuMs, where: id, evidence: used }];
  if (part >= COMPUTES)
    return [{ kind: "computing", givesBackMs: wallMs, where: id, evidence: `at most all of ${used}` }];
  const evidence = `at most all of call ${formatTime(wallMs)}: ${formatTime(cpuMs)} computing, ${formatTime(wallMs - cpuMs)} waiting`;
  return [{ kind: "slow call", givesBackMs: wallMs, where: id, evidence }];
}

// What a fixture that many share takes is told once, of the fixture.
function setUpLevers(
  { id, setup, call, sharedMs, heaviest }: MeanTest,
  name: (path: string) => string,
): readonly Lever[] {
  const ownMs = setup.wallMs - sharedMs;
  if (ownMs < LONG_MS || ownMs <= call.wallMs) return [];
  const most =
    heaviest === undefined ? "" : ` (${nameSetUp(heaviest, name)} takes ${formatTime(heaviest.wallMs)} of it)`;
  const evidence = `at most all of set-up ${formatTime(ownMs)}${most}, call ${formatTime(call.wallMs)}`;
  return [{ kind: "set-up", givesBackMs: ownMs, where: id, evidence }];
}

/** One line for all parameter sets of a test. */
function together(levers: readonly Lever[]): readonly Lever[] {
  return [...Map.groupBy(levers, ({ kind, where }) => `${kind}\0${where.replace(/\[.*$/s, "")}`).values()].flatMap(
    (same) => {
      const [first] = same;
      if (first === undefined || same.length === 1) return same;
      const most = same.reduce((one, other) => (other.givesBackMs > one.givesBackMs ? other : one));
      const givesBackMs = sum(same.map((each) => each.givesBackMs));
      return [{ ...most, givesBackMs, evidence: `the longest of ${same.length} parameter sets: ${most.evidence}` }];
    },
  );
}

function unstableOf(tests: readonly MeanTest[]): readonly UnstableTiming[] {
  return tests
    .filter(({ wallsMs, wallMs }) => wallsMs.length > 1 && wallMs >= STEADY_BELOW_MS)
    .map(({ id, wallsMs, wallMs }) => {
      const variance = sum(wallsMs.map((ms) => (ms - wallMs) ** 2)) / (wallsMs.length - 1);
      return {
        id,
        leastMs: Math.min(...wallsMs),
        mostMs: Math.max(...wallsMs),
        variation: Math.sqrt(variance) / wallMs,
      };
    })
    .filter(({ variation }) => variation >= UNSTABLE)
    .toSorted((one, other) => other.variation - one.variation);
}

function meanTests(
  runs: readonly (readonly TestCost[])[],
  shared: ReadonlySet<string> = new Set(),
): readonly MeanTest[] {
  const isShared = (fixture: FixtureCost) => shared.has(keyOf(fixture));
  return [...Map.groupBy(runs.flat(), ({ id }) => id)].map(([id, own]) => ({
    id,
    wallsMs: own.map(wallOf),
    wallMs: mean(own.map(wallOf)),
    setup: meanCost(own.map(({ setup }) => setup)),
    call: meanCost(own.map(({ call }) => call)),
    sharedMs: mean(own.map(({ fixtures }) => sum(fixtures.filter(isShared).map(({ wallMs }) => wallMs)))),
    heaviest: own[0]?.fixtures
      .filter((fixture) => !isShared(fixture))
      .reduce<FixtureCost | undefined>((one, other) => (other.wallMs > (one?.wallMs ?? 0) ? other : one), undefined),
  }));
}

function spanOf(run: readonly TestCost[]): number {
  return Math.max(...run.map((test) => test.startMs + wallOf(test))) - Math.min(...run.map(({ startMs }) => startMs));
}

function meanCost(costs: readonly Cost[]): Cost {
  return { wallMs: mean(costs.map(({ wallMs }) => wallMs)), cpuMs: mean(costs.map(({ cpuMs }) => cpuMs)) };
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : sum(values) / values.length;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function fileOf(id: string): string {
  return id.split("::", 1)[0] ?? id;
}

/** A time that may be too short for whole milliseconds: `0.49 ms`. */
function brief(ms: number): string {
  return ms < 9.5 ? `${Number(ms.toPrecision(2))} ms` : formatTime(ms);
}
