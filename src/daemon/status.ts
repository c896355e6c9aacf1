import { readFileSync } from "node:fs";
import type { CheckpointStatus, DaemonStatus, TrunkStatus } from "../protocol/api.ts";
import type { Trunk } from "../worker/trunk.ts";
import type { TrunkProcess } from "../worker/trunk-process.ts";
import type { Session } from "./session.ts";

/** What the daemon knows of itself. */
interface Self {
  readonly version: string;
  readonly startedMs: number;
  readonly ttlMs: number;
}

/** Everything that is held, with its memory. */
export async function describeStatus(session: Session, self: Self): Promise<DaemonStatus> {
  return {
    version: self.version,
    pid: process.pid,
    root: session.places.root,
    upMs: Date.now() - self.startedMs,
    ttlMs: self.ttlMs,
    watchedFiles: watchedFiles(session),
    daemonPssBytes: pssBytes(process.pid),
    trunks: session.trunks.map((trunk) => describeTrunk(session, trunk)),
    lastRecord: session.lastRecord,
  };
}

function describeTrunk(session: Session, trunk: Trunk): TrunkStatus {
  const { launch } = trunk.start;
  const parked = trunk.processes.filter(({ isParked }) => isParked);
  const tip = parked.findLast(({ state }) => state.kind === "tip");
  const known = tip?.state.kind === "tip" ? tip.state.tip : undefined;
  const line = tip === undefined ? [] : session.freshness.line(tip);
  return {
    command: [launch.isModule ? "python -m pytest" : "pytest", ...launch.args].join(" "),
    python: known?.python ?? "",
    pytest: known?.pytest ?? "",
    tests: trunk.tests,
    modules: line.reduce((sum, segment) => sum + segment.modules, 0),
    obstacle: known?.obstacle ?? null,
    checkpoints: parked.map((each) => describeCheckpoint(each, parked)),
  };
}

function describeCheckpoint(parked: TrunkProcess, all: readonly TrunkProcess[]): CheckpointStatus {
  const { state } = parked;
  const sinceMs = state.kind === "parked" || state.kind === "tip" ? state.sinceMs : Date.now();
  return {
    id: parked.id,
    pid: parked.pid,
    before: state.kind === "parked" ? state.at.name : "the tip",
    isTip: state.kind === "tip",
    ageMs: Date.now() - sinceMs,
    rebuildMs: rebuildMs(parked, all),
    pssBytes: pssBytes(parked.pid),
  };
}

// How long it took to come from here to the newest tip behind it.
function rebuildMs({ state, id }: TrunkProcess, all: readonly TrunkProcess[]): number | null {
  if (state.kind !== "parked") return null;
  const tip = all.findLast((each) => each.state.kind === "tip" && each.lineage().some((earlier) => earlier.id === id));
  return tip?.state.kind === "tip" ? Math.max(0, tip.state.tip.atMs - state.at.atMs) : null;
}

function watchedFiles(session: Session): number {
  const paths = new Set<string>();
  for (const trunk of session.trunks) {
    for (const process of trunk.processes) {
      for (const { path } of session.freshness.segmentOf(process).files) paths.add(path);
    }
  }
  return paths.size;
}

/** The proportional set size of a process: its own pages, and its share of those it has in common. Null where the system does not tell. */
function pssBytes(pid: number): number | null {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    const kibibytes = /^Pss:\s+(\d+) kB/m.exec(text)?.[1];
    return kibibytes === undefined ? null : Number(kibibytes) * 1024;
  } catch {
    return null;
  }
}
