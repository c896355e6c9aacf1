import { type Line, lineWidth, type Paint, paintLine } from "./spans.ts";

const BEGIN = "\x1b[?2026h";
const END = "\x1b[?2026l";
const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
const ERASE_BELOW = "\x1b[J";

/** Redraws are at least this far apart. */
const REDRAW_MS = 100;
const MOST_LINES = 8;

/** A screen as the block sees it: what it can show, its size, and where its bytes go. */
export interface BlockScreen extends Paint {
  readonly write: (text: string) => void;
  readonly columns: () => number;
  /** Where a click on a place such as `tests/test_cart.py:31` leads; undefined where that is not known. */
  readonly linkOf: (place: string) => string | undefined;
}

/**
 * The lines at the bottom that change, below text that is written once and then belongs to the terminal. Each change is
 * one write: the block is erased, new text takes its place, and the block is drawn anew below.
 *
 *     shown ◀──draw──▶ erased ◀──comeBack── aside
 *                        │ └────stepAside────▲
 *                        └──close──▶ closed
 */
export class LiveBlock {
  readonly #screen: BlockScreen;
  readonly #lines: () => readonly Line[];
  /** Widths of the lines that stand on the screen now. */
  #shown: readonly number[] = [];
  #text: Line[] = [];
  #timer: NodeJS.Timeout | undefined;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;
  #isAside = false;

  /** `lines` tells what the block shows now. */
  constructor(screen: BlockScreen, lines: () => readonly Line[]) {
    this.#screen = screen;
    this.#lines = lines;
  }

  /** Adds lines above the block, with its next redraw. */
  add(lines: readonly Line[]): void {
    this.#text.push(...lines);
    this.redrawSoon();
  }

  /** Redraws as soon as the last time is long enough ago. */
  redrawSoon(): void {
    if (this.#isClosed || this.#isAside || this.#timer !== undefined) return;
    const waitMs = this.#drawnMs + REDRAW_MS - performance.now();
    if (waitMs <= 0) this.redraw();
    else this.#timer = setTimeout(() => this.redraw(), waitMs);
  }

  /** Redraws now. */
  redraw(): void {
    if (this.#isClosed || this.#isAside) return;
    this.#stopTimer();
    this.#drawnMs = performance.now();
    const { columns } = this.#screen;
    const room = Math.max(1, columns() - 1);
    const block = this.#lines().slice(0, MOST_LINES);
    const text = this.#takeText();
    const erase = this.#eraseText();
    this.#shown = block.map(lineWidth);
    const drawn = block.map((line) => paintLine(line, this.#screen)).join("\r\n");
    this.#screen.write(`${BEGIN}${HIDE_CURSOR}${erase}${text}${drawn}${END}`);
    this.#shown = this.#shown.map((width) => Math.min(width, room + 1));
  }

  /** Erases the block until the next redraw, and gives the cursor back. */
  erase(): void {
    if (this.#isClosed) return;
    this.#stopTimer();
    const erase = this.#eraseText();
    this.#shown = [];
    this.#screen.write(`${BEGIN}${erase}${this.#takeText()}${SHOW_CURSOR}${END}`);
  }

  /** Erases the block and draws nothing more: somebody else has the screen, until `comeBack`. */
  stepAside(): void {
    this.erase();
    this.#isAside = true;
  }

  /** Draws again, below what was written meanwhile. */
  comeBack(): void {
    this.#isAside = false;
    this.redraw();
  }

  /** The same, for good. */
  close(): void {
    this.erase();
    this.#isClosed = true;
  }

  #takeText(): string {
    const text = this.#text.map((line) => `${paintLine(line, this.#screen)}\r\n`).join("");
    this.#text = [];
    return text;
  }

  // A line that was drawn on a wider screen takes several rows on a narrow one.
  #eraseText(): string {
    if (this.#shown.length === 0) return "\r";
    const columns = Math.max(1, this.#screen.columns());
    const rows = this.#shown.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    return `${rows > 1 ? `\x1b[${rows - 1}A` : ""}\r${ERASE_BELOW}`;
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
