import { formatTime } from "../../report/format-time.ts";
import { printable, styled, type Terminal } from "./terminal.ts";

const SILENCE_MS = 1000;
const REDRAW_MS = 100;
const ERASE = "\r\x1b[2K";

/**
 * The line that says what is going on while nothing has come from pytest for a second; erased before anything else is
 * written.
 *
 *     waiting ──1 s──▶ shown ──▶ done
 *      │ ▲───────────────┘        ▲
 *      └──────────────────────────┘
 */
export class ProgressLine {
  readonly #terminal: Terminal;
  readonly #elapsedMs: () => number;
  readonly #columns: () => number;
  #state: "waiting" | "shown" | "done" = "waiting";
  #text = "";
  #timer: NodeJS.Timeout | undefined;

  /** `elapsedMs` tells the time since the command's start. */
  constructor(terminal: Terminal, elapsedMs: () => number, columns: () => number) {
    this.#terminal = terminal;
    this.#elapsedMs = elapsedMs;
    this.#columns = columns;
  }

  /** The daemon says what it is doing; an empty text erases the line until there is another one. */
  say(text: string): void {
    if (this.#state === "done" || !this.#terminal.isScreen) return;
    if (text === "") {
      this.#pause();
      return;
    }
    this.#text = text;
    const waitMs = SILENCE_MS - this.#elapsedMs();
    this.#timer ??= setTimeout(() => this.#draw(), Math.max(0, waitMs));
  }

  /** Erases the line, for good. */
  end(): void {
    this.#pause();
    this.#state = "done";
  }

  #pause(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#state === "shown") this.#terminal.write(ERASE);
    this.#state = "waiting";
  }

  #draw(): void {
    if (this.#state === "done") return;
    this.#state = "shown";
    const elapsed = formatTime(this.#elapsedMs());
    const line = `prewarm: ${printable(this.#text)}`;
    // A line that wraps could not be erased any more.
    const room = Math.max(0, this.#columns() - elapsed.length - 4);
    this.#terminal.write(`${ERASE}${styled(this.#terminal, "dim", `${line.slice(0, room)} · ${elapsed}`)}`);
    this.#timer = setTimeout(() => this.#draw(), REDRAW_MS);
  }
}
