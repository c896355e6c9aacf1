import type { NodeId } from "../../../protocol/ids.ts";
import { formatCount, formatNumber } from "../../../report/format-count.ts";
import { formatTime } from "../../../report/format-time.ts";
import type { RunView } from "../../../report/run-view.ts";
import { describeFilter, type Filter } from "../../../report/verdict.ts";
import { clipLine, type Line, type Span, span, spread, WIDEST } from "./spans.ts";

const BAR_CELLS = 20;
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
const MOST_RUNNING = 2;
/** A running test is called slow after so long, and only when it takes much more than it did. */
const SLOW_MS = 1_000;
const SLOW_FACTOR = 3;

/** The live block while nothing runs. */
export function idleLines(
  view: RunView,
  filter: Filter,
  outdated: number,
  note: string,
  columns: number,
): readonly Line[] {
  const facts = [`watching ${formatCount(view.watchedFiles, "file")}`];
  if (view.watchedFiles === 0) facts.shift();
  const named = describeFilter(filter);
  if (named !== "") facts.push(named);
  if (note !== "") facts.push(note);
  if (outdated > 0) facts.push(`u runs ${formatNumber(outdated)} outdated`);
  facts.push("h help", "q quit");
  return [clipLine([span(` ${facts.join(" · ")}`, "dim")], Math.min(columns - 1, WIDEST))];
}

/** The live block during a run: what is being done, how far it is, and the tests that run now. */
export function runningLines(
  view: RunView,
  doing: string,
  elapsedMs: number,
  nowMs: number,
  columns: number,
): readonly Line[] {
  const width = Math.min(columns - 1, WIDEST);
  const clock = [span(formatTime(elapsedMs), "bold")];
  const { run } = view;
  const isUnderWay = run !== undefined && run.record === undefined && run.selected > 0;
  if (!isUnderWay) return [spread([span(`   ${doing || "starting"}`, "dim")], clock, width)];
  const failed = (run.counts.failed ?? 0) + (run.counts.error ?? 0);
  const facts: Span[] = [
    span(` ${bar(run.finished, run.selected)}`),
    span(` ${formatNumber(run.finished)}/${formatNumber(run.selected)}`),
  ];
  if (failed > 0) facts.push(span(`  ✗ ${formatNumber(failed)}`, "boldRed"));
  if (run.workers > 1) facts.push(span(`  ${formatCount(run.workers, "worker")}`, "dim"));
  const leftMs = estimateLeftMs(view);
  if (leftMs !== undefined) facts.push(span(`  about ${formatTime(leftMs)} left`, "dim"));
  const running = [...run.running].sort(([, a], [, b]) => a - b);
  const shown = running.slice(0, MOST_RUNNING).map(([id, sinceMs]) => runningLine(view, id, nowMs - sinceMs, width));
  const more = running.length - shown.length;
  return [
    ...(doing === "" ? [] : [clipLine([span(`   ${doing}`, "dim")], width)]),
    spread(facts, clock, width),
    ...shown,
    ...(more > 0 ? [[span(`   … and ${more} more`, "dim")]] : []),
  ];
}

function runningLine({ tests }: RunView, id: NodeId, elapsedMs: number, width: number): Line {
  const usualMs = tests.get(id)?.durationMs ?? 0;
  const isSlow = elapsedMs > SLOW_MS && elapsedMs > SLOW_FACTOR * usualMs;
  const usual = usualMs > 0 ? `, usually ${formatTime(usualMs)}` : "";
  const slow = isSlow ? [span(`   SLOW${usual}`, "yellow")] : [];
  return spread([span("   ❯", "blue"), span(` ${id}`), ...slow], [span(formatTime(elapsedMs))], width);
}

/** How far it is, in cells of eight steps each. */
function bar(finished: number, selected: number): string {
  const steps = selected === 0 ? 0 : Math.floor((finished / selected) * BAR_CELLS * EIGHTHS.length);
  const drawn = "█".repeat(Math.floor(steps / EIGHTHS.length)) + (EIGHTHS[steps % EIGHTHS.length] ?? "");
  return drawn.padEnd(BAR_CELLS, "·");
}

/** From recorded durations; undefined where a test that is still to run has none. */
function estimateLeftMs({ tests, run }: RunView): number | undefined {
  let leftMs = 0;
  for (const test of tests.values()) {
    if (test.run !== run?.number || !test.isOutdated) continue;
    if (test.outcome === undefined) return undefined;
    leftMs += test.durationMs;
  }
  return leftMs > 0 ? leftMs / (run?.workers ?? 1) : undefined;
}
