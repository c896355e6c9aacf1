import type { CheckpointStatus, StretchStatus, TrunkStatus } from "../protocol/api.ts";
import { formatCount, formatNumber, formatSize } from "./format-count.ts";
import { formatAge, formatTime } from "./format-time.ts";

const NAME_COLUMNS = 26;
const NEXT_COLUMNS = 28;
const TIME_COLUMNS = 10;
const BAR_COLUMNS = 8;

/** One trunk as a table of its checkpoints, the earliest first: lines of at most 100 columns. */
export function drawTrunk(trunk: TrunkStatus, index: number, root: string): readonly string[] {
  const tip = trunk.checkpoints.findLast(({ isTip, isCurrent }) => isTip && isCurrent);
  const longestMs = Math.max(0, ...trunk.checkpoints.map(({ next }) => next?.durationMs ?? 0));
  return [
    ...describeFacts(trunk, index),
    row("#", "parked before", "runs next", "to rebuild".padStart(TIME_COLUMNS), "age", "memory"),
    ...trunk.checkpoints.map((checkpoint, position) => {
      const isNewestTip = checkpoint === tip;
      const mark = isNewestTip ? "◉" : checkpoint.isCurrent ? String(position) : "·";
      const next = isNewestTip ? formatCount(trunk.tests, "test") : describeStretch(checkpoint.next);
      return drawCheckpoint(checkpoint, mark, placeOf(checkpoint, isNewestTip, root), next, longestMs);
    }),
  ];
}

function describeFacts(trunk: TrunkStatus, index: number): readonly string[] {
  const { checkpoints, command, tests, python, pytest, modules, obstacle, tipRssBytes } = trunk;
  const parked = checkpoints.filter(({ isTip }) => !isTip);
  const tips = checkpoints.filter(({ isTip }) => isTip);
  const sizes = checkpoints.map(({ pssBytes }) => pssBytes).filter((size) => size !== null);
  const kept = tips.length > 1 ? ` and ${tips.length} tips` : " and the tip";
  const facts = [
    `trunk ${index + 1}`,
    command,
    formatCount(tests, "test"),
    `${formatCount(parked.length, "checkpoint")}${tips.length === 0 ? "" : kept}`,
  ];
  const lines = [facts.join(" · ")];
  const versions = [python && `Python ${python}`, pytest && `pytest ${pytest}`].filter(Boolean).join(", ");
  const details = versions === "" ? [] : [versions, formatCount(modules, "module")];
  if (sizes.length > 0) {
    const alone = tipRssBytes === null ? "" : `, the tip by itself ${formatSize(tipRssBytes)}`;
    details.push(`${formatSize(sizes.reduce((sum, size) => sum + size, 0))} together${alone}`);
  }
  if (details.length > 0) lines.push(`   ${details.join(" · ")}`);
  if (obstacle !== null) lines.push(`   in the way: ${obstacle}`);
  return lines;
}

function drawCheckpoint(
  { next, ageMs, pssBytes }: CheckpointStatus,
  mark: string,
  place: string,
  runsNext: string,
  longestMs: number,
): string {
  const timed = next === null ? "" : `${formatTime(next.durationMs).padStart(TIME_COLUMNS)} `;
  const drawn = next === null ? "" : bar(next.durationMs / longestMs);
  const memory = pssBytes === null ? "" : formatSize(pssBytes);
  return row(mark, place, runsNext, timed + drawn, formatAge(ageMs), memory);
}

/** What a checkpoint is parked before, in words. */
export function placeOf({ kind, before, isCurrent }: CheckpointStatus, isNewestTip: boolean, root: string): string {
  switch (kind) {
    case "start":
      return before;
    case "packages":
      return "pytest, packages loaded";
    case "tip":
      if (isNewestTip) return "the tip";
      return isCurrent ? "an earlier tip" : "a tip from before an edit";
    case "module":
    case "conftest":
    case "testfile":
      return before.startsWith(`${root}/`) ? before.slice(root.length + 1) : before;
    default:
      return kind satisfies never;
  }
}

/** What lies between a checkpoint and the next one, in words. */
export function describeStretch(stretch: StretchStatus | null): string {
  if (stretch === null) return "";
  const { installed, packages, modules, conftests, testFiles } = stretch;
  const parts = [
    ...(modules > 0 ? [formatCount(modules, "module")] : []),
    ...(conftests > 0 ? [formatCount(conftests, "conftest")] : []),
    ...(testFiles > 0 ? [formatCount(testFiles, "test file")] : []),
  ];
  // What is installed is only worth a word where it is the most of it.
  if (installed > modules) {
    const names = packages.length === 0 ? "" : `: ${packages.join(", ")}`;
    parts.unshift(`${formatNumber(installed)} installed${names}`);
  }
  return parts.join(", ");
}

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A bar of at most eight columns; whatever takes time has at least a thin one. */
function bar(share: number): string {
  if (!(share > 0)) return "";
  const eighths = Math.max(1, Math.round(share * BAR_COLUMNS * 8));
  return "▇".repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? "");
}

function row(mark: string, name: string, next: string, rebuild: string, age: string, memory: string): string {
  const cells = [
    mark.padStart(2),
    "  ",
    shortenMiddle(name, NAME_COLUMNS).padEnd(NAME_COLUMNS + 1),
    shortenEnd(next, NEXT_COLUMNS).padEnd(NEXT_COLUMNS + 1),
    rebuild.padEnd(TIME_COLUMNS + 1 + BAR_COLUMNS),
    age.padStart(11),
    memory.padStart(10),
  ];
  return cells.join("").trimEnd();
}

// The middle of a path says least: its end names the file.
function shortenMiddle(name: string, columns: number): string {
  if (name.length <= columns) return name;
  const half = Math.floor((columns - 1) / 2);
  return `${name.slice(0, half)}…${name.slice(-half)}`;
}

function shortenEnd(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, columns - 1)}…`;
}
