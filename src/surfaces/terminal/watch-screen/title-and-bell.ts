import type { VerdictKind } from "../../../report/verdict.ts";

const BELL = "\x07";
const SAVE_TITLE = "\x1b[22;2t";
const RESTORE_TITLE = "\x1b[23;2t";
const MARKS: Readonly<Record<VerdictKind, string>> = { pass: "✓", fail: "✗", none: "○", cancelled: "?" };

/** Tells a person who looks elsewhere that the verdict has changed: by the terminal's bell, its title, or both. */
export class TitleAndBell implements Disposable {
  readonly #write: (text: string) => void;
  readonly #hasBell: boolean;
  readonly #name: string | undefined;

  /** `name` is the project's, for the title; undefined leaves the title alone. */
  constructor(write: (text: string) => void, hasBell: boolean, name: string | undefined) {
    this.#write = write;
    this.#hasBell = hasBell;
    this.#name = name;
    if (name !== undefined) write(SAVE_TITLE);
  }

  changed(kind: VerdictKind): void {
    const title = this.#name === undefined ? "" : `\x1b]2;${MARKS[kind]} ${this.#name}${BELL}`;
    this.#write(`${title}${this.#hasBell ? BELL : ""}`);
  }

  [Symbol.dispose](): void {
    if (this.#name !== undefined) this.#write(RESTORE_TITLE);
  }
}
