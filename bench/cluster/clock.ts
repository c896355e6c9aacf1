/** What happens at a later time of the simulation. */
interface Due {
  readonly atMs: number;
  readonly order: number;
  readonly act: () => void;
}

/** The time of a simulation: acts happen in the order of their times, and those of one time as they were asked for. A binary heap. */
export class Clock {
  nowMs = 0;
  #asked = 0;
  readonly #heap: Due[] = [];

  after(ms: number, act: () => void): void {
    const due = { atMs: this.nowMs + ms, order: this.#asked++, act };
    let index = this.#heap.push(due) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(due, this.#heap[parent])) break;
      this.#swap(index, parent);
      index = parent;
    }
  }

  /** Lets time pass until nothing is due any more. */
  run(): void {
    for (let next = this.#pop(); next !== undefined; next = this.#pop()) {
      this.nowMs = next.atMs;
      next.act();
    }
  }

  #pop(): Due | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (last === undefined || first === last) return first;
    this.#heap[0] = last;
    for (let index = 0; ; ) {
      const left = 2 * index + 1;
      const smaller = isBefore(this.#heap[left + 1], this.#heap[left]) ? left + 1 : left;
      if (!isBefore(this.#heap[smaller], last)) return first;
      this.#swap(index, smaller);
      index = smaller;
    }
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || other === undefined) return;
    this.#heap[a] = other;
    this.#heap[b] = one;
  }
}

function isBefore(a: Due | undefined, b: Due | undefined): boolean {
  if (a === undefined || b === undefined) return a !== undefined;
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
