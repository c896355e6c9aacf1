/** Texts and their numbers, for as long as a watch lives: each text is held once, however many tests name it. */
export class Names {
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];

  /** The number of a text, a new one for a new text. */
  add(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#texts.length);
    return this.#texts.push(text) - 1;
  }

  /** The number of a text, or undefined where nothing has named it. */
  numberOf(text: string): number | undefined {
    return this.#numbers.get(text);
  }

  /** The text of a number that `add` has given. */
  textOf(number: number): string {
    return this.#texts[number] ?? "";
  }
}

/** Start and length of each run of numbers, one after another, in order. */
export type Ranges = Int32Array;

/** What a test executed: as the sets that it consists of, some of which many tests share. */
export class FunctionSet {
  readonly #names: Names;
  readonly parts: readonly Ranges[];

  constructor(names: Names, parts: readonly Ranges[]) {
    this.#names = names;
    this.parts = parts;
  }

  has(name: string): boolean {
    const number = this.#names.numberOf(name);
    return number !== undefined && this.parts.some((ranges) => isIn(ranges, number));
  }

  *[Symbol.iterator](): Iterator<string> {
    const seen = this.parts.length > 1 ? new Set<number>() : undefined;
    for (const ranges of this.parts) {
      for (const number of numbersIn(ranges)) {
        if (seen?.has(number)) continue;
        seen?.add(number);
        yield this.#names.textOf(number);
      }
    }
  }
}

/** The ranges of these numbers. */
export function rangesOf(numbers: Iterable<number>): Ranges {
  const ranges: number[] = [];
  for (const number of [...new Set(numbers)].toSorted((a, b) => a - b)) {
    const last = ranges.length - 1;
    if (last > 0 && (ranges[last - 1] ?? 0) + (ranges[last] ?? 0) === number) ranges[last] = (ranges[last] ?? 0) + 1;
    else ranges.push(number, 1);
  }
  return Int32Array.from(ranges);
}

/** Every number in ranges, as this module and the agent make them. */
export function* numbersIn(ranges: ArrayLike<number>): Iterable<number> {
  for (let at = 0; at < ranges.length; at += 2) {
    const first = ranges[at] ?? 0;
    for (let number = first; number < first + (ranges[at + 1] ?? 0); number += 1) yield number;
  }
}

function isIn(ranges: Ranges, number: number): boolean {
  let [low, high] = [0, ranges.length / 2 - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const first = ranges[2 * middle] ?? 0;
    if (number < first) high = middle - 1;
    else if (number >= first + (ranges[2 * middle + 1] ?? 0)) low = middle + 1;
    else return true;
  }
  return false;
}
