import type { RunRecord } from "../protocol/events.ts";
import type { NodeId } from "../protocol/ids.ts";
import type { History } from "../store/history.ts";
import type { TestOutcome } from "../store/outcomes.ts";
import { isWhole, type RunRequest } from "./runs/run-request.ts";

/** Nothing is written until so long after the last run, since the next one may follow at once. */
const QUIET_MS = 100;

/** More than this is not kept in memory, however busy the daemon is. */
const MOST_PENDING = 100;

/** What is known of a run beside its record: pytest's root, or null where it was never known. */
interface Whereabouts {
  readonly root: string | null;
  /** Tells the code that it ran, as `codeKey` does, when there is time; null where nothing was kept. */
  readonly code: () => string | null;
}

/** One run as it is written down. */
export interface Recording extends Disposable {
  /** The request, whose events are listened to. */
  readonly request: RunRequest;
  readonly end: (record: RunRecord, of: Whereabouts) => void;
}

/**
 * Takes down what is to be remembered, and writes it when nobody waits: between runs, everything at once. A run is only
 * told what could not be remembered before.
 */
export class Recorder {
  readonly history: History;
  readonly #pending: ((history: History) => void)[] = [];
  readonly #works: Generator<void>[] = [];
  #runs = 0;
  #timer: NodeJS.Timeout | undefined;
  #step: NodeJS.Immediate | undefined;

  constructor(history: History) {
    this.history = history;
  }

  /**
   * A run begins; what this returns is disposed of when it is over. What comes when the requester has given it up is the
   * killing of its process, and no outcome.
   */
  begin(request: RunRequest, abort: AbortSignal): Recording {
    this.#runs += 1;
    this.#plan();
    const warning = this.history.takeWarning();
    if (warning !== undefined) request.onEvent({ type: "warning", ...warning });
    let outcomes: TestOutcome[] = [];
    /** Runs in forks of one leader are remembered one by one. */
    const repeats: { readonly exit: number; readonly atMs: number; readonly outcomes: TestOutcome[] }[] = [];
    const lastOf = new Map<string, NodeId>();
    return {
      request: {
        ...request,
        onEvent: (event) => {
          if (event.type === "test-finished" && !abort.aborted && request.measure !== "profile") {
            const { id, outcome, durationMs, worker } = event;
            outcomes.push({ id, outcome, durationMs, worker, after: lastOf.get(worker ?? "") });
            lastOf.set(worker ?? "", id);
          }
          if (event.type === "repeated") {
            repeats.push({ exit: event.exit, atMs: Date.now(), outcomes });
            outcomes = [];
            lastOf.clear();
          }
          request.onEvent(event);
        },
      },
      end: (ended, { root, code }) => {
        // It was looked at for something else than what its tests come to, and takes another time.
        if (request.measure === "profile" || request.measure === "workers") return;
        const { launch, requester } = request;
        const record = {
          ...(abort.aborted ? { ...ended, exit: null } : ended),
          // A cold run of the same arguments would have run other tests.
          coldMs: isWhole(request) ? ended.coldMs : null,
        };
        const suite = root === null ? null : { python: launch.python, root };
        const entry = { suite, atMs: Date.now(), args: launch.args, cwd: requester.cwd, record, outcomes };
        this.#pending.push((history) => {
          const told = code();
          const durationMs = record.durationMs / Math.max(repeats.length, 1);
          for (const { exit, ...each } of repeats)
            history.addRun({ ...entry, ...each, record: { ...record, exit, durationMs }, code: told });
          if (repeats.length === 0 || outcomes.length > 0) history.addRun({ ...entry, code: told });
        });
      },
      [Symbol.dispose]: () => {
        this.#runs -= 1;
        this.#plan();
      },
    };
  }

  /** Writes something with the next batch. */
  later(write: (history: History) => void): void {
    this.#pending.push(write);
    this.#plan();
  }

  /** Does a longer work step by step while nobody waits. It may have something to write at its end. */
  whenQuiet(work: Generator<void>): void {
    this.#works.push(work);
    this.#plan();
  }

  /** Does and writes everything now. */
  flush(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#step);
    for (const work of this.#works.splice(0)) while (work.next().done !== true);
    this.#write();
  }

  #plan(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#step);
    const isFull = this.#pending.length >= MOST_PENDING;
    if (this.#runs > 0 && !isFull) return;
    if (this.#pending.length + this.#works.length === 0) return;
    this.#timer = setTimeout(() => this.#goOn(), isFull ? 0 : QUIET_MS);
  }

  #goOn(): void {
    const [work] = this.#works;
    if (work === undefined) {
      this.#write();
      return;
    }
    if (work.next().done === true) this.#works.shift();
    this.#step = setImmediate(() => this.#goOn());
  }

  #write(): void {
    clearTimeout(this.#timer);
    const pending = this.#pending.splice(0);
    if (pending.length === 0) return;
    this.history.write(() => {
      for (const write of pending) write(this.history);
    });
  }
}
