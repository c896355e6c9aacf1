import { formatCount } from "../report/format-count.ts";
import { formatTime } from "../report/format-time.ts";
import type { Efficiency } from "./efficiency.ts";
import { judgeEfficiency, percent } from "./efficiency-verdict.ts";

/** Where the time of a run went, in five lines. `cores` are those that the run may use; `why` is what limits the number of workers, or empty. */
export function describeEfficiency(found: Efficiency, cores: number, why: string): readonly string[] {
  const { floor, lanes } = found;
  const isShared = lanes.length > 1;
  const limit = why === "" ? "" : ` = ${why}`;
  return [
    `${formatCount(found.tests, "test")} in ${formatCount(found.workers, "worker")}${limit}`,
    [
      `wall ${formatTime(found.wallMs)}`,
      `work ${formatTime(found.workMs)}`,
      `best possible ${formatTime(found.bestMs)} = max(work / ${formatCount(cores, "core")}, longest ${formatTime(floor.ms)})`,
    ].join(" · "),
    [
      `efficiency ${percent(found.efficiency)}`,
      `lost ${formatTime(found.handOutMs + found.tailMs)} of worker time: ${formatTime(found.handOutMs)} between tests, ${formatTime(found.tailMs)} at the end`,
      ...(isShared ? [`workers end ${percent(found.spread)} apart`] : []),
    ].join(" · "),
    [
      `CPU ${formatTime(found.cpuMs)}, ${percent(found.cpuShare)} of the work and ${percent(found.saturation)} of ${formatCount(cores, "core")}`,
      `waiting ${formatTime(Math.max(0, found.workMs - found.cpuMs))}`,
    ].join(" · "),
    [
      `a test takes ${formatTime(found.p50Ms)} (p50), ${formatTime(found.p90Ms)} (p90), ${formatTime(found.p99Ms)} (p99)`,
      ...(found.overASecond > 0 ? [`${found.overASecond} take 1 s or more`] : []),
      `longest ${formatTime(floor.ms)}: ${floor.id}`,
    ].join(" · "),
    `verdict: ${judgeEfficiency(found, cores).text}`,
  ];
}
