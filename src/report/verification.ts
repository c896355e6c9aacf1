import { formatCount, formatNumber } from "./format-count.ts";
import { formatTime } from "./format-time.ts";

/** What prewarm stands by: outcomes by node id (`collect:FILE` for one that does not collect), and pytest's exit code. */
export interface WarmSide {
  readonly exit: number;
  readonly outcomes: ReadonlyMap<string, string>;
  /** `affected` where a watch has left tests their earlier outcomes, `chosen` where a person has left tests out. */
  readonly selection: "all" | "affected" | "chosen";
  /** Tests whose outcome a watch itself calls unknown. */
  readonly outdated: ReadonlySet<string>;
  /** How the run was served, such as `warm`. */
  readonly way: string;
  readonly durationMs: number;
}

/** What a cold plain pytest came to. */
export interface ColdSide {
  readonly exit: number;
  readonly outcomes: ReadonlyMap<string, string>;
  /** Whether every collected test has run. */
  readonly isWhole: boolean;
  readonly durationMs: number;
}

/** One disagreement; a side that has no such test says `absent`. */
export interface Difference {
  readonly key: string;
  readonly warm: string;
  readonly cold: string;
}

/** What a comparison of both came to. */
export interface Verification {
  readonly differences: readonly Difference[];
  /** How many outcomes were compared. */
  readonly compared: number;
}

const ABSENT = "absent";
const EXIT = "exit code";

/** Compares every outcome that prewarm stands by with that of a cold run, and the exit codes where the same tests ran. */
export function verifyOutcomes(warm: WarmSide, cold: ColdSide): Verification {
  const differences: Difference[] = [];
  let compared = 0;
  const compare = (key: string, warmValue: string, coldValue: string) => {
    compared += 1;
    if (warmValue !== coldValue) differences.push({ key, warm: warmValue, cold: coldValue });
  };
  for (const [id, outcome] of warm.outcomes) {
    const truth = cold.outcomes.get(id);
    // A cold run that stops at its first failure has not come to what a watch has left alone.
    if (truth === undefined && warm.selection !== "all" && !cold.isWhole) continue;
    compare(id, outcome, truth ?? ABSENT);
  }
  for (const [id, truth] of cold.outcomes) {
    if (warm.outcomes.has(id) || warm.outdated.has(id) || warm.selection === "chosen") continue;
    compare(id, ABSENT, truth);
  }
  if (warm.selection === "all" && warm.exit !== cold.exit)
    differences.push({ key: EXIT, warm: String(warm.exit), cold: String(cold.exit) });
  return { differences, compared };
}

/** The report in plain words; `evidence` is the folder where both sides are kept, or undefined. */
export function describeVerification(
  { differences, compared }: Verification,
  warm: WarmSide,
  cold: ColdSide,
  evidence: string | undefined,
): readonly string[] {
  const outcomes = formatCount(compared, "outcome");
  const times = `cold ${formatTime(cold.durationMs)}, prewarm ${warm.way} ${formatTime(warm.durationMs)}`;
  const unknown = warm.outdated.size === 0 ? "" : ` · ${formatNumber(warm.outdated.size)} outdated, not compared`;
  if (differences.length === 0) return [`equal: ${outcomes} as in a cold run${unknown} · ${times}`];
  const tests = differences.filter(({ key }) => key !== EXIT).length;
  const width = Math.max(...differences.map(({ key }) => key.length));
  return [
    `different: ${formatNumber(tests)} of ${outcomes}${unknown} · ${times}`,
    ...differences.map((each) => `  ${each.key.padEnd(width)}  prewarm ${each.warm}, cold ${each.cold}`),
    ...(evidence === undefined ? [] : [`kept: ${evidence}`]),
    "A test that depends on the time, on chance or on what an earlier run has left behind differs between two cold runs, too.",
  ];
}
