/**
 * A terminal that plays what is written to it: text, line ends, moving up, erasing what is right of it and below. Colours and modes are left
 * out. Anything else is a mistake of the writer, and throws.
 */
export class PlayedTerminal {
  columns: number;
  /** Each write by itself: one redraw is one write. */
  readonly writes: string[] = [];
  readonly #rows: string[] = [""];
  #row = 0;
  #column = 0;

  constructor(columns: number) {
    this.columns = columns;
  }

  readonly write = (text: string): void => {
    this.writes.push(text);
    for (const [part] of text.matchAll(PARTS)) this.#play(part);
  };

  /** All rows, scrolled away or not, without blanks at their ends. */
  get text(): string {
    return this.#rows.map((row) => row.trimEnd()).join("\n");
  }

  /** Whether some row is longer than the terminal is wide: then a line has wrapped. */
  get hasWrapped(): boolean {
    return this.#rows.some((row) => [...row].length > this.columns);
  }

  #play(part: string): void {
    const up = UP.exec(part);
    if (part === "\r") this.#column = 0;
    else if (part === "\n") this.#down();
    else if (up !== null) this.#row = Math.max(0, this.#row - Number(up[1]));
    else if (part === "\x1b[J") this.#eraseBelow();
    else if (part === "\x1b[K") this.#rows[this.#row] = (this.#rows[this.#row] ?? "").slice(0, this.#column);
    else if (part.startsWith("\x1b") ? !SILENT.test(part) : part < " ") throw new Error(JSON.stringify(part));
    else if (!part.startsWith("\x1b")) this.#put(part);
  }

  #put(letter: string): void {
    const row = [...(this.#rows[this.#row] ?? "").padEnd(this.#column)];
    row[this.#column] = letter;
    this.#rows[this.#row] = row.join("");
    this.#column += 1;
  }

  #down(): void {
    this.#row += 1;
    if (this.#row === this.#rows.length) this.#rows.push("");
  }

  #eraseBelow(): void {
    this.#rows[this.#row] = (this.#rows[this.#row] ?? "").slice(0, this.#column);
    this.#rows.length = this.#row + 1;
  }
}

const ESCAPE = "\x1b";
const BELL = "\x07";
const PARTS = new RegExp(`${ESCAPE}(?:\\[[0-9;?]*[A-Za-z]|\\].*?${BELL})|[\\s\\S]`, "gu");
const UP = new RegExp(`^${ESCAPE}\\[(\\d+)A$`);
const SILENT = new RegExp(`^${ESCAPE}(?:\\[[0-9;]*m|\\[\\?(?:2026|25|2004)[hl]|\\].*${BELL})$`);
