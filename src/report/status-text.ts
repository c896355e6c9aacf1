import type { CheckpointStatus, DaemonStatus, TrunkStatus } from "../protocol/api.ts";
import { formatCount, formatSize } from "./format-count.ts";
import { formatAge, formatSpan, formatTime } from "./format-time.ts";
import { describeRun } from "./run-line.ts";

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
  if (trunks.length === 0) return [...lines, "No trunk yet: the first run builds it."];
  return [...lines, ...trunks.flatMap((trunk, index) => describeTrunk(trunk, index, root))];
}

function describeTrunk(trunk: TrunkStatus, index: number, root: string): readonly string[] {
  const parked = trunk.checkpoints.filter(({ isTip }) => !isTip);
  const hasTip = parked.length < trunk.checkpoints.length;
  const known = trunk.checkpoints.map(({ pssBytes }) => pssBytes).filter((size) => size !== null);
  const facts = [
    `trunk ${index + 1}`,
    trunk.command,
    formatCount(trunk.tests, "test"),
    `${formatCount(parked.length, "checkpoint")}${hasTip ? " and the tip" : ""}`,
  ];
  if (known.length > 0) facts.push(formatSize(known.reduce((sum, size) => sum + size, 0)));
  const lines = [facts.join(" · ")];
  const versions = [trunk.python && `Python ${trunk.python}`, trunk.pytest && `pytest ${trunk.pytest}`].filter(Boolean);
  if (versions.length > 0) lines.push(`   ${versions.join(", ")} · ${formatCount(trunk.modules, "module")}`);
  if (trunk.obstacle !== null) lines.push(`   in the way: ${trunk.obstacle}`);
  lines.push(row("#", "parked before", "to rebuild", "age", "memory"));
  return [...lines, ...trunk.checkpoints.map((checkpoint, position) => describeCheckpoint(checkpoint, position, root))];
}

function describeCheckpoint(checkpoint: CheckpointStatus, position: number, root: string): string {
  const { isTip, before, rebuildMs, ageMs, pssBytes } = checkpoint;
  return row(
    isTip ? "◉" : String(position),
    isTip ? "the tip" : relativeTo(root, before),
    rebuildMs === null ? "" : formatTime(rebuildMs),
    formatAge(ageMs),
    pssBytes === null ? "" : formatSize(pssBytes),
  );
}

function relativeTo(root: string, path: string): string {
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
}

const NAME_COLUMNS = 56;

function row(mark: string, name: string, rebuild: string, age: string, memory: string): string {
  const cells = [rebuild.padStart(12), age.padStart(11), memory.padStart(12)].join("");
  return `${mark.padStart(2)}  ${shorten(name).padEnd(NAME_COLUMNS)}${cells}`.trimEnd();
}

// The middle of a path says least: its end names the file.
function shorten(name: string): string {
  if (name.length <= NAME_COLUMNS) return name;
  const half = Math.floor((NAME_COLUMNS - 1) / 2);
  return `${name.slice(0, half)}…${name.slice(-half)}`;
}
