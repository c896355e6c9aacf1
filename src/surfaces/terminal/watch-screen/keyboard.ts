import type { ReadStream } from "node:tty";

/** A key that was pressed: a letter, or one of those that have none. */
export type Key =
  | { readonly kind: "letter"; readonly letter: string }
  | { readonly kind: "enter" | "escape" | "backspace" | "interrupt" | "suspend" | "end" };

const NAMED: Readonly<Record<string, Key>> = {
  "\r": { kind: "enter" },
  "\n": { kind: "enter" },
  "\x1b": { kind: "escape" },
  "\x7f": { kind: "backspace" },
  "\b": { kind: "backspace" },
  "\x03": { kind: "interrupt" },
  "\x1a": { kind: "suspend" },
  "\x04": { kind: "end" },
};

const ESCAPE = "\x1b";
// A sequence, or a single key.
const KEYS = new RegExp(`${ESCAPE}\\[[0-9;?]*[ -/]*[@-~]|${ESCAPE}O.|[\\s\\S]`, "gu");

/** The keys in what a terminal sent. Arrows and the like, which come as sequences, are none of ours. */
export function readKeys(text: string): readonly Key[] {
  const keys: Key[] = [];
  for (const [part] of text.matchAll(KEYS)) {
    const named = NAMED[part];
    if (named !== undefined) keys.push(named);
    else if (!/^\p{Cc}/u.test(part)) keys.push({ kind: "letter", letter: part });
  }
  return keys;
}

/** Reads single keys, and gives the terminal back as it was whenever it is not listening. */
export class Keyboard implements Disposable {
  readonly #stream: ReadStream;
  readonly #onText: (text: string) => void;
  readonly #giveBack = (): void => {
    if (this.#stream.isRaw) this.#stream.setRawMode(false);
  };

  constructor(stream: ReadStream, onKey: (key: Key) => void) {
    this.#stream = stream;
    this.#onText = (text) => {
      for (const key of readKeys(text)) onKey(key);
    };
    stream.setEncoding("utf8");
    // Whatever ends this process, the shell gets a terminal that works.
    process.on("exit", this.#giveBack);
  }

  listen(): void {
    this.#stream.setRawMode(true);
    this.#stream.on("data", this.#onText);
    this.#stream.resume();
  }

  pause(): void {
    this.#stream.off("data", this.#onText);
    this.#stream.pause();
    this.#giveBack();
  }

  [Symbol.dispose](): void {
    this.pause();
    process.off("exit", this.#giveBack);
  }
}
