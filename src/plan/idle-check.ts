import type { Way } from "../protocol/events.ts";

/** Nothing begins so soon after a run: the next one often follows at once. */
const QUIET_MS = 5_000;

/** A suite whose cold run takes longer is looked at in parts that take about as long. */
const LONGEST_LOOK_MS = 60_000;

/** A look may take so many times as long as it is expected to, and is ended then. */
const PATIENCE = 3;

/** A start whose length nobody has measured. */
const USUAL_START_MS = 2_000;

/** Options of pytest that a cold run can be given again: it selects the same tests, and leaves nothing behind. */
const REPEATABLE =
  /^(?:-[vqsxl]+|-[kmr]|-r[a-zA-Z]+|-n0|--(?:tb|maxfail|exitfirst|deselect|ignore|ignore-glob|durations|durations-min|verbose|quiet|strict|strict-markers|strict-config|capture|color|no-header|no-summary|import-mode|rootdir|pyargs|showlocals|runxfail|disable-warnings|override-ini|assert|doctest-modules|doctest-glob)(?:=.*)?|-p|-o|-c|-W)$/s;

/** The last run, as far as a look at it has to know. */
export interface IdleRun {
  readonly way: Way;
  readonly exit: number | null;
  readonly args: readonly string[];
  /** What has changed since among what was loaded, in words; null where nothing has. */
  readonly changed: string | null;
  /** Tests in the order in which they ran, with milliseconds, null where nobody knows. */
  readonly tests: readonly { readonly id: string; readonly durationMs: number | null }[];
  /** What the start up to the first test costs in a cold run; null where nobody knows. */
  readonly startMs: number | null;
  /** What has been compared already. */
  readonly compared: ReadonlySet<string>;
  /** What differed in a first look: tests, or null where only the exit code did; undefined where nothing did. */
  readonly suspects: ReadonlySet<string> | null | undefined;
  /** What the last look was allowed that did not come to its end in it; 0 where all have. */
  readonly tooShortMs: number;
}

/** What is known when nothing is asked of the daemon. Times are of one clock, in milliseconds. */
export interface IdleFacts {
  readonly nowMs: number;
  readonly bornMs: number;
  /** When the last run ended. */
  readonly quietSinceMs: number;
  /** What all looks have taken so far. */
  readonly spentMs: number;
  /** Percent of the daemon's time that they may take; 0 for none. */
  readonly percent: number;
  readonly isOnBattery: boolean;
  readonly run: IdleRun | null;
}

/** What to do with idle time: nothing until the next run, nothing before a moment, or a look at these tests (null: all). */
export type IdlePlan =
  | { readonly kind: "never"; readonly reason: string }
  | { readonly kind: "later"; readonly atMs: number; readonly reason: string }
  | { readonly kind: "look"; readonly ids: readonly string[] | null; readonly limitMs: number };

/** How long it takes until somebody looks again whether the machine is on mains power. */
const BATTERY_PAUSE_MS = 60_000;

/** Decides what is compared with a cold run next, and when: all looks together take at most their share of the daemon's time. */
export function planIdleCheck(facts: IdleFacts): IdlePlan {
  const { nowMs, bornMs, quietSinceMs, spentMs, percent, isOnBattery, run } = facts;
  if (percent <= 0) return never("it is off: verify-when-idle");
  if (run === null) return never("no run is remembered");
  const objection = whyNotAgain(run);
  if (objection !== undefined) return never(objection);
  const { ids, expectedMs, isDone } = chooseTests(run);
  if (isDone) return never("everything was compared");
  if (isOnBattery) return { kind: "later", atMs: nowMs + BATTERY_PAUSE_MS, reason: "on battery" };
  const limitMs = PATIENCE * Math.max(expectedMs, run.tooShortMs);
  // The moment from which on the share of the time is enough for it.
  const affordableMs = bornMs + ((spentMs + limitMs) * 100) / Math.min(percent, 100);
  const atMs = Math.max(affordableMs, quietSinceMs + QUIET_MS);
  if (atMs > nowMs) return { kind: "later", atMs, reason: `${percent} % of the time are not enough yet` };
  return { kind: "look", ids, limitMs };
}

function never(reason: string): IdlePlan {
  return { kind: "never", reason };
}

function whyNotAgain({ way, exit, args, changed }: IdleRun): string | undefined {
  if (changed !== null) return `since the last run, ${changed}`;
  if (way === "plain") return "the last run was plain pytest's own";
  if (exit !== 0 && exit !== 1) return "the last run did not come to its end";
  const odd = args.find((word) => word.startsWith("-") && !REPEATABLE.test(word));
  return odd === undefined ? undefined : `${odd} may write or choose something else a second time`;
}

interface Chosen {
  readonly ids: readonly string[] | null;
  readonly expectedMs: number;
  readonly isDone: boolean;
}

function chooseTests({ tests, startMs, compared, suspects }: IdleRun): Chosen {
  const beginMs = startMs ?? USUAL_START_MS;
  const costOf = (some: IdleRun["tests"]): number => some.reduce((sum, test) => sum + (test.durationMs ?? 0), beginMs);
  const wholeMs = costOf(tests);
  if (suspects !== undefined) {
    // Whoever failed behind others may do so because of them: what ran before comes along.
    const last = suspects === null ? -1 : tests.findLastIndex(({ id }) => suspects.has(id));
    const before = last === -1 ? tests : tests.slice(0, last + 1);
    const ids = before.length === tests.length ? null : before.map(({ id }) => id);
    return { ids, expectedMs: costOf(before), isDone: false };
  }
  const open = tests.filter(({ id }) => !compared.has(id));
  if (open.length === 0) return { ids: [], expectedMs: 0, isDone: tests.length > 0 || compared.size > 0 };
  if (wholeMs <= LONGEST_LOOK_MS) return { ids: null, expectedMs: wholeMs, isDone: false };
  const chosen: IdleRun["tests"][number][] = [];
  let sumMs = 0;
  for (const test of open) {
    if (chosen.length > 0 && sumMs >= LONGEST_LOOK_MS && fileOf(test.id) !== fileOf(chosen.at(-1)?.id ?? "")) break;
    chosen.push(test);
    sumMs += test.durationMs ?? 0;
  }
  return { ids: chosen.map(({ id }) => id), expectedMs: beginMs + sumMs, isDone: false };
}

/** Tests of one file come together: they share what is set up for it. */
function fileOf(id: string): string {
  return id.split("::", 1)[0] ?? id;
}
