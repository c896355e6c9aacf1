/** How the tests of a run are shared by its workers. */
export interface Work {
  /** The group of each test, by its place in the list of collected tests. Tests of one group run in one worker, one after another. */
  readonly groups: readonly number[];
  /** How long each test is expected to take, in milliseconds; null where it never ran. */
  readonly expectedMs: readonly (number | null)[];
  /** Whether a group may be split when it is all that is left. */
  readonly mayDivide: boolean;
  /** In which order groups begin: as collected, those with most tests first, or those that take longest first. */
  readonly order: "collected" | "largest" | "longest";
  /** Whether every worker runs every test. */
  readonly isForEach: boolean;
  /** How many workers there will be, about, where they are more than one machine's. */
  readonly slots?: number;
  /** How much a worker has before it; more where it takes longer to tell it. */
  readonly aheadMs?: number;
}

/** Places of tests that go to one worker; with the last of them it ends. */
export interface Assignment {
  readonly worker: string;
  readonly places: readonly number[];
  readonly isLast: boolean;
}

/** A worker has this much before it while it runs a test, so that it never waits for us. */
const AHEAD_MS = 20;

/** What a test takes of which nothing is known. */
const UNKNOWN_MS = 5;

/**
 * A group begins early if it takes longer than this share of all, and longer than the average: what comes last decides how long the
 * others wait, and with 8 workers this is one part in 60 of their time (`bench/simulate.ts`). The rest stays in order.
 */
const LONG_SHARE = 0.002;
const USUAL_SLOTS = 8;

/** A rest of a group below this is not worth setting up its fixtures in a second worker. */
const WORTH_DIVIDING_MS = 100;

/** A node counts as slow from this many times the time of the others on: below it, durations differ by chance. */
const SLOW = 2;

/** What a node's pace is judged by begins with this much of work at the common pace: one odd test says little. */
const BENEFIT_MS = 50;

/** A test above this is kept from workers of a node whose pace nobody knows, while there are others. */
const TRIAL_MS = 50;

const NONE: ReadonlySet<number> = new Set();

/** A machine, by what its workers have done so far: what their tests were expected to take, and took. */
interface Pace {
  expectedMs: number;
  busyMs: number;
}

interface WorkerQueue {
  /** What the worker has been told, from the test that it runs on. */
  readonly told: number[];
  /** The rest of the group that it is in, the last one first. */
  rest: number[];
  hasLast: boolean;
  readonly pace: Pace;
  /** What it has been told is the last. */
  isLeaving: boolean;
}

/** Decides which worker runs which tests, as they go on. Pure: it knows what it is told, and has no clock. */
export class Scheduler {
  readonly #work: Work;
  readonly #workers = new Map<string, WorkerQueue>();
  /** Groups that nobody has begun, the next one last: taking from the end of a long list is quick. */
  readonly #groups: number[][];
  /** Workers that have come or done something since the last time. */
  #touched = new Map<string, WorkerQueue>();
  #measuredMs = 0;
  #measured = 0;
  readonly #paces = new Map<string, Pace>();
  readonly #overall: Pace = { expectedMs: 0, busyMs: 0 };
  /** What is expected of everything that nobody has been told. */
  #untoldMs: number;

  constructor(work: Work) {
    this.#work = work;
    this.#groups = work.isForEach ? [] : this.#arrange().toReversed();
    this.#untoldMs = this.#groups.reduce((sum, group) => sum + this.#sum(group), 0);
  }

  /** Another worker is there. Those on one machine have the same `node`: what is slow there is slow for all of them. */
  add(worker: string, node = ""): void {
    const pace = this.#paces.get(node) ?? { expectedMs: 0, busyMs: 0 };
    this.#paces.set(node, pace);
    const rest = this.#work.isForEach ? this.#work.groups.map((_, place) => place).toReversed() : [];
    const queue: WorkerQueue = { told: [], rest, hasLast: false, pace, isLeaving: false };
    this.#workers.set(worker, queue);
    this.#touched.set(worker, queue);
  }

  /** A worker has run this many more of the tests that it was told, which took it so long. */
  worked(worker: string, tests: number, busyMs: number): void {
    const queue = this.#workers.get(worker);
    if (queue !== undefined) this.#touched.set(worker, queue);
    const done = queue?.told.splice(0, tests) ?? [];
    // Of what never ran before nothing was expected: it cannot tell slow machines from long tests.
    const isKnown = done.every((place) => this.#work.expectedMs[place] !== null);
    for (const pace of queue !== undefined && isKnown ? [queue.pace, this.#overall] : []) {
      pace.expectedMs += this.#sum(done);
      pace.busyMs += busyMs;
    }
    this.#measured += tests;
    this.#measuredMs += busyMs;
  }

  /** A worker has gone, in the middle of the test at this place if there was one: others run what it has not, but for those that are `givenUp`. */
  lost(worker: string, place: number | null, givenUp: ReadonlySet<number> = NONE): void {
    const queue = this.#workers.get(worker);
    if (queue === undefined) return;
    this.#workers.delete(worker);
    this.#touched.delete(worker);
    const left = [...queue.told, ...queue.rest.toReversed()].filter((each) => each !== place && !givenUp.has(each));
    if (left.length === 0 || this.#work.isForEach) return;
    this.#groups.push(left);
    this.#untoldMs += this.#sum(queue.told.filter((each) => !givenUp.has(each)));
  }

  /** Whether there are tests that no living worker has been told to run. */
  get hasUntold(): boolean {
    return this.#groups.length > 0 || [...this.#workers.values()].some(({ rest }) => rest.length > 0);
  }

  /** Whether a worker lives that can be told more. */
  get hasOpenWorker(): boolean {
    return [...this.#workers.values()].some(({ hasLast }) => !hasLast);
  }

  /** What is to be told to whom now. */
  handOut(): readonly Assignment[] {
    // Of hundreds of workers, only those are asked that have done something since, while there is something to begin: the others have what they need.
    const isSparing = this.#work.aheadMs !== undefined && this.#groups.length > 0;
    const asked = isSparing ? this.#touched : this.#workers;
    const open = [...asked].filter(([, { hasLast }]) => !hasLast);
    this.#touched = new Map();
    for (const [, queue] of open) queue.isLeaving ||= this.#shouldLeave(queue);
    // Nobody gets a second test while somebody has none.
    const given = open.map(([, queue]) => (queue.told.length === 0 ? this.#take(queue) : []));
    for (const [index, [, queue]] of open.entries()) given[index]?.push(...this.#more(queue));
    const assignments: Assignment[] = [];
    for (const [index, [worker, queue]] of open.entries()) {
      const places = given[index] ?? [];
      // Before it runs a test, a worker has to know whether another follows.
      const isLast = queue.isLeaving || (queue.rest.length === 0 && !this.#canGet(queue));
      if (places.length === 0 && !isLast) continue;
      queue.hasLast = isLast;
      assignments.push({ worker, places, isLast });
    }
    return assignments;
  }

  /** The next test for a worker, if there is one. */
  #take(queue: WorkerQueue): number[] {
    if (queue.isLeaving) return [];
    if (queue.rest.length === 0) queue.rest = this.#nextGroup(queue)?.toReversed() ?? this.#divide(queue);
    const place = queue.rest.pop();
    if (place === undefined) return [];
    this.#untoldMs -= this.#expected(place);
    queue.told.push(place);
    return [place];
  }

  /** On a machine that nobody knows, a short group comes first: the longest are begun where they are not the last to end. */
  #nextGroup(queue: WorkerQueue): number[] | undefined {
    const next = this.#groups.at(-1);
    if (next === undefined || this.#paces.size < 2 || this.#work.order !== "longest") return this.#groups.pop();
    const isOnTrial = queue.pace.expectedMs === 0 || this.#slownessOf(queue) >= SLOW;
    return isOnTrial && this.#sum(next) > TRIAL_MS ? this.#groups.shift() : this.#groups.pop();
  }

  /** How many times the common time a worker's machine takes: 1 where it is none of the slow. */
  #slownessOf({ pace }: WorkerQueue): number {
    if (this.#paces.size < 2 || this.#overall.expectedMs === 0) return 1;
    const common = this.#overall.busyMs / this.#overall.expectedMs;
    const own = (pace.busyMs + common * BENEFIT_MS) / (pace.expectedMs + BENEFIT_MS);
    return own >= SLOW * common ? own / common : 1;
  }

  /** Whether a worker would be the last of all with one more test, because its machine is slow: the others run it sooner. */
  #shouldLeave(queue: WorkerQueue): boolean {
    const slowness = this.#slownessOf(queue);
    const next = this.#groups[0];
    if (slowness === 1 || queue.rest.length > 0 || next === undefined) return false;
    const open = [...this.#workers.values()].filter(({ hasLast, isLeaving }) => !(hasLast || isLeaving));
    const isLater = slowness * this.#sum(next) > this.#untoldMs / open.length;
    return isLater && open.some((other) => this.#slownessOf(other) === 1);
  }

  #more(queue: WorkerQueue): number[] {
    const places: number[] = [];
    const slowness = this.#slownessOf(queue);
    const aheadMs = Math.min(this.#work.aheadMs ?? AHEAD_MS, this.#untoldMs / (2 * this.#workers.size)) / slowness;
    // How long it can go on after the test that it runs. It begins a test when it knows the next: where news takes long, the last is as good as none.
    const unused = this.#work.aheadMs === undefined ? 0 : 1;
    let waitingMs = this.#sum(queue.told.slice(1, queue.told.length - unused));
    // Half empty before it is filled: not a message a test.
    if (queue.told.length >= 2 && waitingMs > aheadMs / 2) return places;
    while (queue.told.length < 2 || waitingMs < aheadMs) {
      const [place] = this.#take(queue);
      if (place === undefined) break;
      places.push(place);
      const usable = queue.told.length - 1 - unused;
      if (usable > 0) waitingMs += this.#expected(queue.told[usable] ?? place);
    }
    return places;
  }

  #canGet(queue: WorkerQueue): boolean {
    return this.#groups.length > 0 || this.#mostLeft(queue) !== undefined;
  }

  /** The half of what another worker has yet to be told, where that is worth it. */
  #divide(queue: WorkerQueue): number[] {
    const rest = this.#mostLeft(queue);
    return rest === undefined ? [] : rest.splice(0, Math.floor(rest.length / 2));
  }

  #mostLeft(queue: WorkerQueue): number[] | undefined {
    if (!this.#work.mayDivide || this.#work.isForEach) return undefined;
    let most: number[] | undefined;
    let mostMs = WORTH_DIVIDING_MS;
    for (const other of this.#workers.values()) {
      const ms = other === queue || other.rest.length < 2 ? 0 : this.#sum(other.rest);
      if (ms > mostMs) [most, mostMs] = [other.rest, ms];
    }
    return most;
  }

  #arrange(): number[][] {
    const byNumber = new Map<number, number[]>();
    for (const [place, number] of this.#work.groups.entries()) {
      const group = byNumber.get(number);
      if (group === undefined) byNumber.set(number, [place]);
      else group.push(place);
    }
    const groups = [...byNumber.values()];
    if (this.#work.order === "largest") return groups.toSorted((a, b) => b.length - a.length);
    const isKnown = this.#work.expectedMs.some((ms) => ms !== null);
    if (this.#work.order === "collected" || !isKnown) return groups;
    const timed = groups.map((group) => ({ group, ms: this.#sum(group) }));
    const allMs = timed.reduce((sum, { ms }) => sum + ms, 0);
    const longMs =
      allMs * Math.max((LONG_SHARE * USUAL_SLOTS) / Math.max(USUAL_SLOTS, this.#work.slots ?? 0), 1 / timed.length);
    const isLong = ({ ms }: { readonly ms: number }) => ms > longMs;
    const long = timed.filter(isLong).toSorted((a, b) => b.ms - a.ms);
    return [...long, ...timed.filter((each) => !isLong(each))].map(({ group }) => group);
  }

  #sum(places: readonly number[]): number {
    let sum = 0;
    for (const place of places) sum += this.#expected(place);
    return sum;
  }

  #expected(place: number): number {
    return this.#work.expectedMs[place] ?? (this.#measured === 0 ? UNKNOWN_MS : this.#measuredMs / this.#measured);
  }
}
