import type { DaemonStatus } from "../protocol/api.ts";
import { formatCount, formatSize } from "./format-count.ts";
import { formatSpan } from "./format-time.ts";
import { describeIdleCheck } from "./idle-check-words.ts";
import { describeRun } from "./run-line.ts";
import { drawTrunk } from "./trunk-drawing.ts";

/** What the daemon holds, as lines of at most 100 columns. */
export function describeStatus(status: DaemonStatus): readonly string[] {
  const { version, pid, upMs, ttlMs, root, watchedFiles, daemonPssBytes, trunks, lastRecord } = status;
  const daemon = [
    `prewarm ${version}`,
    `daemon ${pid}`,
    `up ${formatSpan(upMs)}`,
    `leaves after ${formatSpan(ttlMs)} idle`,
  ];
  if (daemonPssBytes !== null) daemon.push(formatSize(daemonPssBytes));
  const lines = [daemon.join(" · "), [root, `watching ${formatCount(watchedFiles, "file")}`].join(" · ")];
  if (lastRecord !== null) {
    const timing = { totalMs: lastRecord.durationMs, beforeMs: 0, replaced: undefined };
    lines.push(`last run · exit ${lastRecord.exit ?? "none, superseded"} · ${describeRun(lastRecord, timing)}`);
  }
  const checked = describeIdleCheck(status.idleCheck, Date.now());
  if (checked !== undefined) lines.push(checked);
  if (trunks.length === 0) return [...lines, "No trunk yet: the first run builds it."];
  return [...lines, ...trunks.flatMap((trunk, index) => drawTrunk(trunk, index, root))];
}
