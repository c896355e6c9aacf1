import type { Cuts } from "../../protocol/agent-messages.ts";
import type { Checkpoint } from "../../trunk/place.ts";
import type { Trunk } from "../../worker/trunk.ts";
import type { TrunkProcess } from "../../worker/trunk-process.ts";
import type { Run } from "../runs/run.ts";

/** A timeline that leads its run and ends leaves no checkpoints. */
export const NO_CUTS: Cuts = { files: [], conftests: false, firstModule: false, firstTest: false };

/** What is executed again in less than this is executed twice rather than forked once more while somebody waits. */
const LEADS_WITHIN_MS = 150;

/** Remembers of each parked process whether it was as the project is, at a look at the disk. */
export function noteStale(trunk: Trunk, checkpoints: readonly Checkpoint[]): void {
  const stale = new Map(checkpoints.map((each) => [each.id, each.stale !== null]));
  for (const process of trunk.processes) process.isStale = stale.get(process.id) === true;
}

/** Whether a timeline that goes on from here leads its run itself: its tip, which the next runs need, is made when there is time. */
export function leadsItself(trunk: Trunk, from: TrunkProcess): boolean {
  if (from.state.kind !== "parked") return false;
  const { atMs } = from.state.at;
  const tips = trunk.processes.flatMap(({ state }) => (state.kind === "tip" ? [state.tip] : []));
  const newest = tips.at(-1);
  return newest?.isSafe === true && newest.atMs >= atMs && newest.atMs - atMs < LEADS_WITHIN_MS;
}

/**
 * Forks ahead of the next edit, where that is likely to be served from: the tip of a watch, whose modules can be patched,
 * and what the last run was resumed from or patched in. Forks that wait elsewhere end.
 */
export function prepareForks(trunk: Trunk, run: Run, led: TrunkProcess, nextId: () => string): void {
  const tip = trunk.processes.findLast(({ state }) => state.kind === "tip" && state.tip.isSafe);
  const wanted = new Set<TrunkProcess>();
  if (led.leads && led.parent !== null) wanted.add(led.parent);
  if (tip !== undefined && run.request.narrowing !== null) wanted.add(tip);
  for (const process of trunk.processes) {
    if (process.isAhead && process.parent !== null && !wanted.has(process.parent)) trunk.prune(process);
  }
  for (const process of wanted) {
    if (process.isParked && process.ahead === undefined) trunk.forkAhead(process, nextId(), run.request.launch.args);
  }
}
