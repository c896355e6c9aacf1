// How pytest-xdist 3.8 hands out tests, as far as a simulation needs it: what each worker is sent, and when. Its rules in our words.

/** What a worker has been sent and has not ended, the running test first. It begins a test when it has two, or knows that no more come. */
export interface Queue {
  readonly tests: number[];
  isClosed: boolean;
}

/** Hands out tests; called before the first test, and whenever one has ended. */
export interface HandOutRules {
  begin(queues: readonly Queue[]): void;
  ended(queue: Queue, tookMs: number, queues: readonly Queue[]): void;
}

/** A worker keeps this many: the one that it runs, and the one that follows. */
const LEAST = 2;

/** From here on a test is long, and a worker that has enough is not sent more. */
const LONG_MS = 100;

/** `load`: a quarter of a worker's share first, then chunks that grow smaller with what is left. */
export class Load implements HandOutRules {
  readonly #left: number[];

  constructor(count: number) {
    this.#left = Array.from({ length: count }, (_, place) => place);
  }

  begin(queues: readonly Queue[]): void {
    const share = Math.floor(this.#left.length / queues.length);
    if (this.#left.length < LEAST * queues.length) {
      for (let at = 0; this.#left.length > 0; at += 1) this.#send(queues[at % queues.length], 1);
    } else {
      for (const queue of queues) this.#send(queue, Math.max(Math.floor(share / 4), LEAST));
    }
    if (this.#left.length === 0) for (const queue of queues) queue.isClosed = true;
  }

  ended(queue: Queue, tookMs: number, queues: readonly Queue[]): void {
    if (this.#left.length === 0) {
      queue.isClosed = true;
      return;
    }
    const share = Math.floor(this.#left.length / queues.length);
    if (queue.tests.length >= Math.max(LEAST, Math.floor(share / 4))) return;
    if (tookMs >= LONG_MS && queue.tests.length >= LEAST) return;
    this.#send(queue, Math.max(LEAST, Math.floor(share / 2)) - queue.tests.length);
  }

  #send(queue: Queue | undefined, count: number): void {
    queue?.tests.push(...this.#left.splice(0, count));
  }
}

/** `loadscope` and `loadfile`: whole groups, those with most tests first; the next one when a worker has two tests left. */
export class LoadScope implements HandOutRules {
  readonly #groups: number[][];

  constructor(groups: readonly number[]) {
    const byNumber = Map.groupBy(groups.keys(), (place) => groups[place]);
    this.#groups = [...byNumber.values()].toSorted((a, b) => b.length - a.length);
  }

  begin(queues: readonly Queue[]): void {
    for (const queue of queues) queue.tests.push(...(this.#groups.shift() ?? []));
    for (const queue of queues) this.ended(queue);
  }

  ended(queue: Queue): void {
    if (this.#groups.length === 0) queue.isClosed = true;
    else if (queue.tests.length <= LEAST) queue.tests.push(...(this.#groups.shift() ?? []));
  }
}

/** `worksteal`: even parts at once; who has less than two takes half of the longest queue, as long as two stay there. */
export class WorkSteal implements HandOutRules {
  #left: number[];

  constructor(count: number) {
    this.#left = Array.from({ length: count }, (_, place) => place);
  }

  begin(queues: readonly Queue[]): void {
    this.#look(queues);
  }

  ended(_: Queue, __: number, queues: readonly Queue[]): void {
    this.#look(queues);
  }

  #look(queues: readonly Queue[]): void {
    for (;;) {
      const open = queues.filter(({ isClosed }) => !isClosed);
      const idle = open.filter(({ tests }) => tests.length < LEAST);
      for (const [at, queue] of idle.entries()) {
        queue.tests.push(...this.#left.splice(0, Math.floor(this.#left.length / (idle.length - at))));
      }
      const hungry = open.filter(({ tests }) => tests.length < LEAST);
      if (hungry.length === 0) return;
      const longest = open.reduce((most, queue) => (queue.tests.length > most.tests.length ? queue : most));
      const count = Math.min(Math.floor(longest.tests.length / 2), longest.tests.length - LEAST);
      if (count <= 0) {
        for (const queue of hungry) queue.isClosed = true;
        return;
      }
      this.#left = longest.tests.splice(-count);
    }
  }
}
