import type { Trunk } from "./trunk.ts";
import type { TrunkProcess } from "./trunk-process.ts";

/** The tip that served last before this one and on another branch. */
export function tipBefore(trunk: Trunk, tip: TrunkProcess): TrunkProcess | undefined {
  const line = tip.lineage();
  return trunk.processes
    .filter((each) => each.state.kind === "tip" && !line.includes(each) && !each.lineage().includes(tip))
    .toSorted((left, right) => left.lastUsedMs - right.lastUsedMs)
    .at(-1);
}

/** Ends all processes of a trunk that neither lead to this one nor come from it, nor lead to the other one or to a busy one. */
export function keepLine(trunk: Trunk, process: TrunkProcess, other?: TrunkProcess): void {
  const line = new Set([...process.lineage(), ...(other?.lineage() ?? []), ...busyLines(trunk)]);
  for (const each of trunk.processes) {
    const isAhead = each.isAhead && each.parent !== null && line.has(each.parent);
    if (!line.has(each) && !isAhead && !each.lineage().includes(process)) trunk.prune(each);
  }
}

/** Ends the processes of a trunk that have served least lately until no more than `most` are left; the newest line stays. */
export function keepAtMost(trunk: Trunk, most: number): void {
  const idle = trunk.processes.filter(({ isParked }) => isParked).toSorted((a, b) => a.lastUsedMs - b.lastUsedMs);
  const line = new Set([...(idle.at(-1)?.lineage() ?? []), ...busyLines(trunk)]);
  for (const process of idle) {
    if (trunk.processes.length <= most) return;
    if (!line.has(process)) trunk.prune(process);
  }
}

/** Another run is in these, or waits for them: the processes that lead one or have not come to a tip, and those before. */
function busyLines(trunk: Trunk): readonly TrunkProcess[] {
  return trunk.processes.filter((each) => !each.isParked && !each.isAhead).flatMap((each) => each.lineage());
}
