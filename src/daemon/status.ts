import type { DaemonStatus, TrunkStatus } from "../protocol/api.ts";
import { launchWords } from "../report/launch-words.ts";
import type { Trunk } from "../worker/trunk.ts";
import type { Session } from "./session.ts";
import { describeCheckpoints } from "./timelines/checkpoint-status.ts";
import { memoryOf } from "./timelines/process-memory.ts";

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
    daemonPssBytes: memoryOf(process.pid)?.pssBytes ?? null,
    trunks: session.trunks.map((trunk) => describeTrunk(session, trunk)),
    lastRecord: session.lastRecord,
    idleCheck: session.idleCheck.status,
  };
}

function describeTrunk(session: Session, trunk: Trunk): TrunkStatus {
  const { launch } = trunk.start;
  const tip = trunk.processes.findLast(({ state }) => state.kind === "tip");
  const known = tip?.state.kind === "tip" ? tip.state.tip : undefined;
  const line = tip === undefined ? [] : session.freshness.line(tip);
  return {
    command: launchWords(launch).join(" "),
    python: known?.python ?? "",
    pytest: known?.pytest ?? "",
    tests: trunk.tests,
    modules: line.reduce((sum, segment) => sum + segment.modules, 0),
    obstacle: known?.obstacle ?? null,
    tipRssBytes: tip === undefined ? null : (memoryOf(tip.pid)?.rssBytes ?? null),
    checkpoints: describeCheckpoints(trunk, session.timelines),
  };
}

function watchedFiles(session: Session): number {
  const paths = new Set<string>();
  for (const trunk of session.trunks) {
    for (const process of new Set(trunk.processes.flatMap((each) => each.lineage()))) {
      for (const { path } of session.freshness.segmentOf(process).files) paths.add(path);
    }
  }
  return paths.size;
}
