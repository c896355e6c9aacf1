import { clip, textWidth } from "../../../report/text-width.ts";
import { printable, styled, type TextStyle } from "../terminal.ts";

/** A piece of a line with one style. */
export interface Span {
  readonly text: string;
  readonly style?: TextStyle | undefined;
  /** Where a click leads, as a URL. */
  readonly link?: string | undefined;
}

export type Line = readonly Span[];

/** What a screen can show. */
export interface Paint {
  readonly hasColor: boolean;
  /** Without it, marks and bars are drawn in ASCII. */
  readonly hasUnicode: boolean;
}

/** The right column ends here, or at the screen's edge. */
export const WIDEST = 100;

/** A span; text from elsewhere cannot move the cursor. */
export function span(text: string, style?: TextStyle): Span {
  return { text: printable(text).replaceAll(/[\n\t]/g, " "), style };
}

/** How many columns a line takes. */
export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + textWidth(text), 0);
}

/** Left and right text with blanks between. The left one gives way; the right one stays whole. */
export function spread(left: Line, right: Line, columns: number): Line {
  const width = Math.min(columns, WIDEST);
  const room = Math.max(0, width - lineWidth(right) - 2);
  const kept = clipLine(left, room);
  return [...kept, { text: " ".repeat(Math.max(0, width - lineWidth(kept) - lineWidth(right))) }, ...right];
}

/** Whether both fit into one line. */
export function fits(left: Line, right: Line, columns: number): boolean {
  return lineWidth(left) + lineWidth(right) + 2 <= Math.min(columns, WIDEST);
}

/** The beginning of a line, in at most so many columns. */
export function clipLine(line: Line, columns: number): Line {
  const kept: Span[] = [];
  let room = columns;
  for (const each of line) {
    const width = textWidth(each.text);
    if (width > room) {
      if (room > 0) kept.push({ ...each, text: clip(each.text, room) });
      break;
    }
    kept.push(each);
    room -= width;
  }
  return kept;
}

/** The line as it is written. */
export function paintLine(line: Line, paint: Paint): string {
  return line
    .map(({ text, style, link }) => {
      const shown = paint.hasUnicode ? text : toAscii(text);
      const linked = link === undefined ? shown : `\x1b]8;;${link}\x07${shown}\x1b]8;;\x07`;
      return style === undefined || shown === "" ? linked : styled(paint, style, linked);
    })
    .join("");
}

const ASCII: Readonly<Record<string, string>> = {
  "✓": "+",
  "✗": "F",
  "–": "s",
  "❯": ">",
  "○": "o",
  "■": "#",
  "·": ".",
  "…": "~",
  "█": "#",
  "▏": "#",
  "▎": "#",
  "▍": "#",
  "▌": "#",
  "▋": "#",
  "▊": "#",
  "▉": "#",
};

/** Our own signs in letters that every terminal has; each takes one column, as the sign does. */
function toAscii(text: string): string {
  return text.replaceAll(/[\u0080-\uffff]/g, (sign) => ASCII[sign] ?? sign);
}
