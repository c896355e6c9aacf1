import type { FileEdit } from "../../protocol/events.ts";
import { formatClock } from "../../report/format-time.ts";
import type { Verdict } from "../../report/tally.ts";
import { printable, styled, type Terminal } from "./terminal.ts";

const WIDEST = 100;
const MARKS = { pass: "✓", fail: "✗", none: "○", cancelled: "?" } as const;
const STYLES = { pass: "green", fail: "boldRed", none: undefined, cancelled: "yellow" } as const;

/** Prints what was saved: on a screen with the time at the right edge, elsewhere as one fact a line. */
export function printEdit(files: readonly FileEdit[], moment: Date, terminal: Terminal, columns: number): void {
  const [first] = files;
  if (first === undefined) return;
  const path = printable(first.path);
  const more = files.length > 1 ? ` and ${files.length - 1} more file${files.length > 2 ? "s" : ""}` : "";
  const clock = formatClock(moment);
  terminal.write(
    terminal.isScreen
      ? `${spread(` ${path}   ${first.kind}${more}`, clock, columns)}\n`
      : `prewarm: edit ${clock} ${path}: ${first.kind}${more}\n`,
  );
}

/** Prints a run's verdict: mark, words, how it was served, and the clock at the right edge. */
export function printVerdict(verdict: Verdict, clock: string, terminal: Terminal, columns: number): void {
  const { kind, words, served } = verdict;
  if (!terminal.isScreen) {
    terminal.write(`prewarm: ${kind} ${printable(words)}, ${printable(served)}, ${clock}\n`);
    return;
  }
  const style = STYLES[kind];
  const mark = style === undefined ? MARKS[kind] : styled(terminal, style, MARKS[kind]);
  const width = Math.min(columns, WIDEST);
  const left = ` ${MARKS[kind]} ${printable(words)}`;
  const right = [printable(served), clock].join("  ");
  const isWide = left.length + right.length + 2 <= width;
  const line = isWide ? spread(left, right, columns) : spread(left, clock, columns);
  terminal.write(`${line.replace(MARKS[kind], mark)}\n`);
  if (!isWide) terminal.write(`   ${styled(terminal, "dim", printable(served).slice(0, Math.max(0, width - 3)))}\n`);
}

/** Left and right text with blanks between; the right one ends at the terminal's edge, or at column 100. */
function spread(left: string, right: string, columns: number): string {
  const room = Math.min(columns, WIDEST) - right.length - 2;
  const kept = left.length <= room ? left : `${left.slice(0, Math.max(0, room - 1))}…`;
  return `${kept.padEnd(Math.max(0, room))}  ${right}`;
}
