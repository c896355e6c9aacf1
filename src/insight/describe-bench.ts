import type { TestCost } from "../protocol/events.ts";
import { formatCount, formatNumber } from "../report/format-count.ts";
import { formatTime } from "../report/format-time.ts";
import { type Bench, nameRow } from "./bench.ts";

const ROWS_SHOWN = 3;
const MOST_UNSTABLE = 10;
/** Below this, a profiler sees mostly itself. */
const LEAST_PROFILED_MS = 5;
const WORTH_A_ROW = 0.02;

/** What runs come to, what to change first, and where the longest calls spend their time. `dropped` tells of a first run that does not count. */
export function describeBench(
  bench: Bench,
  profiled: readonly TestCost[],
  {
    cores,
    dropped,
    name,
  }: { readonly cores: number; readonly dropped: boolean; readonly name: (path: string) => string },
): readonly string[] {
  const long = profiled.filter(({ call }) => call.wallMs >= LEAST_PROFILED_MS);
  const { runs, wallMs, wallSpread, workMs, cpuMs, longest, bestMs, levers, unstable } = bench;
  const counted = `${formatCount(runs, "run")}${dropped ? ", first dropped" : ""}`;
  return [
    `${formatCount(bench.tests, "test")} in ${formatCount(bench.workers, "worker")} · wall ${formatTime(wallMs)} (± ${Math.round(100 * wallSpread)} %, ${counted}) · work ${formatTime(workMs)}, CPU ${formatTime(cpuMs)}`,
    `best possible ${formatTime(bestMs)} = max(work / ${formatCount(cores, "core")}, longest ${formatTime(longest.ms)}: ${longest.id})`,
    ...(levers.length === 0
      ? ["nothing gives back as much as 1 % of the work"]
      : ["    gives back   what            where, and the evidence"]),
    ...levers.flatMap(({ kind, givesBackMs, where, evidence }, index) => [
      `${String(index + 1).padStart(2)}  ${formatTime(givesBackMs).padStart(10)}   ${kind.padEnd(13)}   ${where}`,
      `${" ".repeat(33)}${evidence}${spent(
        profiled.find(({ id }) => id === where && kind !== "set-up"),
        name,
      )}`,
    ]),
    ...(unstable.length === 0 ? [] : ["unstable, by 40 % and more from run to run:"]),
    ...unstable
      .slice(0, MOST_UNSTABLE)
      .map(
        ({ id, leastMs, mostMs, variation }) =>
          `    ${Math.round(100 * variation)} %   ${formatTime(leastMs)} to ${formatTime(mostMs)}   ${id}`,
      ),
    ...(unstable.length > MOST_UNSTABLE ? [`    … ${formatNumber(unstable.length - MOST_UNSTABLE)} more`] : []),
    ...(long.length === 0
      ? []
      : ["the longest calls, by the own time of what they call (measured with a profiler, which slows calls down):"]),
    ...long.flatMap(({ id, call, profile }) => [
      `${formatTime(call.wallMs).padStart(10)}   ${id}`,
      ...profile
        .filter(({ ownMs }) => ownMs >= call.wallMs * WORTH_A_ROW)
        .slice(0, ROWS_SHOWN)
        .map((row) => `${formatTime(row.ownMs).padStart(18)}   ${nameRow(row, name)}`),
    ]),
  ];
}

/** Where a call spends most of its time, where that is known. */
function spent(test: TestCost | undefined, name: (path: string) => string): string {
  const [most] = test?.profile ?? [];
  return most === undefined ? "" : `: ${nameRow(most, name)}`;
}
