import type { CheckpointStatus, StretchStatus } from "../../protocol/api.ts";
import type { Trunk } from "../../worker/trunk.ts";
import type { TrunkProcess } from "../../worker/trunk-process.ts";
import { memoryOf } from "./process-memory.ts";
import type { BegunStep, Timelines } from "./timelines.ts";

const MOST_PACKAGES = 3;
const INSTALLED_FOLDER = /\/(?:site|dist)-packages\//;

/** The parked processes of a trunk: those that lead to its newest tip in their order, then those of earlier states. */
export function describeCheckpoints(trunk: Trunk, timelines: Timelines): readonly CheckpointStatus[] {
  const parked = trunk.processes.filter(({ isParked }) => isParked);
  const tip = parked.findLast(({ state }) => state.kind === "tip");
  const line = new Set((tip ?? trunk.running)?.lineage());
  const current = parked.filter((each) => line.has(each));
  const earlier = parked.filter((each) => !line.has(each));
  return [...current, ...earlier].map((each) => describe(each, line.has(each), parked, timelines));
}

function describe(
  parked: TrunkProcess,
  isCurrent: boolean,
  all: readonly TrunkProcess[],
  timelines: Timelines,
): CheckpointStatus {
  const { state } = parked;
  const at = state.kind === "parked" ? state.at : undefined;
  const sinceMs = state.kind === "parked" || state.kind === "tip" ? state.sinceMs : Date.now();
  const tip = all.findLast((each) => each.state.kind === "tip" && each.lineage().includes(parked));
  return {
    id: parked.id,
    pid: parked.pid,
    before: at?.name ?? "the tip",
    kind: at?.kind ?? "tip",
    isTip: at === undefined,
    isCurrent,
    ageMs: Date.now() - sinceMs,
    next: at === undefined || tip === undefined ? null : describeStretch(parked, tip, timelines),
    rebuildMs: at === undefined || tip === undefined ? null : Math.max(0, arrivalMs(tip) - at.atMs),
    pssBytes: memoryOf(parked.pid)?.pssBytes ?? null,
  };
}

/** What lies between a checkpoint and the next one on the way to a tip. */
function describeStretch(from: TrunkProcess, tip: TrunkProcess, timelines: Timelines): StretchStatus {
  const line = tip.lineage();
  const behind = line.slice(line.indexOf(from) + 1);
  const next = behind.findIndex(({ isParked }) => isParked);
  const steps = behind.slice(0, next + 1).flatMap((each) => timelines.begunBy(each));
  const untilMs = arrivalMs(behind[next] ?? tip);
  const count = (kind: BegunStep["kind"]) => steps.filter((step) => step.kind === kind).length;
  return {
    installed: count("library") + count("rewritten"),
    packages: slowestPackages(steps, untilMs),
    modules: count("module"),
    conftests: count("conftest"),
    testFiles: count("testfile"),
    durationMs: Math.max(0, untilMs - arrivalMs(from)),
  };
}

function slowestPackages(steps: readonly BegunStep[], untilMs: number): readonly string[] {
  const durations = new Map<string, number>();
  for (const [index, { kind, name, path, atMs }] of steps.entries()) {
    if (kind !== "library" || path === null || !INSTALLED_FOLDER.test(path)) continue;
    const [packageName = name] = name.split(".", 1);
    if (packageName === "_pytest") continue;
    const ownMs = (steps[index + 1]?.atMs ?? untilMs) - atMs;
    durations.set(packageName, (durations.get(packageName) ?? 0) + ownMs);
  }
  const sorted = [...durations].sort(([, left], [, right]) => right - left);
  return sorted.slice(0, MOST_PACKAGES).map(([name]) => name);
}

function arrivalMs({ state }: TrunkProcess): number {
  if (state.kind === "parked") return state.at.atMs;
  return state.kind === "tip" ? state.tip.atMs : 0;
}
