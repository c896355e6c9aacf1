import type { SideResult } from "./run-side.ts";

/** One disagreement; `cold` and `warm` are outcomes or exit codes, "absent" where a side has none. */
export interface Difference {
  /** A node id, or "exit code" and the like. */
  readonly key: string;
  readonly cold: string;
  readonly warm: string;
}

/** Compares every outcome and the exit code. */
export function compareSides(cold: SideResult, warm: SideResult): readonly Difference[] {
  const differences: Difference[] = [];
  const check = (key: string, coldValue: string, warmValue: string): void => {
    if (coldValue !== warmValue) differences.push({ key, cold: coldValue, warm: warmValue });
  };
  check("exit code", endOf(cold), endOf(warm));
  if (warm.statedExitCode !== undefined)
    check("exit code in the outcomes file", endOf(cold), String(warm.statedExitCode));
  // Plain pytest loads no plugin's last hook after a usage error; prewarm always writes the file.
  if (warm.outcomes === undefined) check("outcomes file", "written", "absent");
  const coldOutcomes = cold.outcomes ?? new Map<string, string>();
  const warmOutcomes = warm.outcomes ?? new Map<string, string>();
  for (const key of new Set([...coldOutcomes.keys(), ...warmOutcomes.keys()])) {
    check(key, coldOutcomes.get(key) ?? "absent", warmOutcomes.get(key) ?? "absent");
  }
  return differences;
}

function endOf(result: SideResult): string {
  if (result.timedOut) return "time limit";
  return result.exitCode === undefined ? "signal" : String(result.exitCode);
}

/** What a run came to in a few words, such as `120 passed, 3 failed, exit 1`. */
export function summarize(result: SideResult): string {
  const counts = new Map<string, number>();
  for (const outcome of result.outcomes?.values() ?? []) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const parts = [...counts].sort().map(([outcome, count]) => `${count} ${outcome}`);
  return [...parts, `exit ${endOf(result)}`].join(", ");
}

/** True where two cold runs came to the same: used to see whether an edit changed anything. */
export function isSameResult(left: SideResult | undefined, right: SideResult): boolean {
  return left !== undefined && compareSides(left, { ...right, outcomes: right.outcomes ?? new Map() }).length === 0;
}
