import type { Ended } from "./trunk-process.ts";

const MOST_ENDS = 64;
const LONGEST_ANSWER_MS = 2_000;

/** How the children of a trunk's processes ended, as their parents tell it. */
export class ChildrenEnds {
  readonly #asked = new Map<number, (ended: Ended) => void>();
  /** How the children ended lately that nobody has asked about yet. */
  readonly #ends = new Map<number, Ended>();

  /** How this child ended; `ask` is called where that is not known. Resolves with null where there is no answer. */
  async of(pid: number, ask: () => void): Promise<Ended | null> {
    const known = this.#ends.get(pid);
    if (known !== undefined) return known;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(null), LONGEST_ANSWER_MS);
      this.#asked.set(pid, (ended) => {
        clearTimeout(timer);
        resolve(ended);
      });
      ask();
    });
  }

  /** A parent has told it. */
  tell(pid: number, ended: Ended): void {
    const resolve = this.#asked.get(pid);
    this.#asked.delete(pid);
    if (resolve !== undefined) {
      resolve(ended);
      return;
    }
    // A process id comes back only after thousands of others.
    this.#ends.set(pid, ended);
    const [oldest] = this.#ends.keys();
    if (this.#ends.size > MOST_ENDS && oldest !== undefined) this.#ends.delete(oldest);
  }
}
