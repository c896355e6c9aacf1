import type { TimelineEvent } from "../../protocol/agent-messages.ts";
import type { TimelineStep } from "../../store/timelines.ts";
import { mergeTimelines } from "../../trunk/timeline.ts";
import type { Trunk } from "../../worker/trunk.ts";
import type { Tip, TrunkProcess } from "../../worker/trunk-process.ts";
import type { Recorder } from "../recorder.ts";
import { trunkKey } from "./trunk-key.ts";

/** As many as there can be trunks. */
const MOST_IN_MEMORY = 3;

/** A step as it is told while a timeline runs: milliseconds between the timeline's start and its turn. */
export interface BegunStep extends Omit<TimelineStep, "ownMs"> {
  readonly atMs: number;
}

/** What each command's timeline executes, in its order and with its times, as the last start of it has shown. */
export class Timelines {
  readonly #recorder: Recorder;
  readonly #begun = new WeakMap<TrunkProcess, BegunStep[]>();
  readonly #readers = new Map<string, string>();
  readonly #opened = new WeakMap<TrunkProcess, Set<string>>();
  readonly #saved = new WeakSet<Trunk>();
  /** Tips whose timeline was taken up. */
  readonly #known = new WeakSet<TrunkProcess>();
  readonly #newest = new Map<string, readonly TimelineStep[]>();

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** A process has executed more. */
  add(process: TrunkProcess, events: readonly TimelineEvent[]): void {
    let begun = this.#begun.get(process);
    if (begun === undefined) {
      begun = [];
      this.#begun.set(process, begun);
    }
    const opened = this.#opened.get(process) ?? new Set();
    this.#opened.set(process, opened);
    for (const [kind, name, path, atMs] of events) {
      if (isStep(kind)) begun.push({ kind, name, path, atMs });
      if ((kind !== "open" && kind !== "database") || path === null || this.#hasOpened(process, path)) continue;
      opened.add(path);
      const reader = begun.findLast(isOfProject)?.path;
      if (reader != null) this.#readers.set(path, reader);
    }
  }

  /** Whether this file was opened before in the line of a process: each one tells anew what it opens. */
  #hasOpened(process: TrunkProcess, path: string): boolean {
    return process.lineage().some((each) => this.#opened.get(each)?.has(path) === true);
  }

  /** What was executed last before a file was opened: from there it is read again. The file itself where it was not. */
  readerOf(path: string): string {
    return this.#readers.get(path) ?? path;
  }

  /** What one process has executed. */
  begunBy(process: TrunkProcess): readonly BegunStep[] {
    return this.#begun.get(process) ?? [];
  }

  /** A trunk has reached its tip: the first time shows what its start costs, later ones have fewer files. */
  reachedTip(trunk: Trunk, process: TrunkProcess, { atMs }: Tip): void {
    if (this.#saved.has(trunk)) return;
    this.#saved.add(trunk);
    this.#known.add(process);
    const steps = this.#stepsTo(process, atMs);
    const key = trunkKey(trunk.start);
    this.#keep(key, steps);
    this.#recorder.later((history) => history.saveTimeline(key, steps, Date.now()));
  }

  /** Takes over what a later tip has executed otherwise; called when there is time. */
  takeUp(trunk: Trunk, process: TrunkProcess): void {
    if (process.state.kind !== "tip" || this.#known.has(process)) return;
    this.#known.add(process);
    const key = trunkKey(trunk.start);
    this.#keep(key, mergeTimelines(this.of(key), this.#stepsTo(process, process.state.tip.atMs)));
  }

  /** A program has ended that has no tip: what it has imported until then is its start. */
  ended(trunk: Trunk, process: TrunkProcess): void {
    const atMs = this.begunBy(process).at(-1)?.atMs;
    if (atMs === undefined || this.#known.has(process)) return;
    this.#known.add(process);
    const key = trunkKey(trunk.start);
    const steps = mergeTimelines(this.of(key), this.#stepsTo(process, atMs));
    this.#keep(key, steps);
    this.#recorder.later((history) => history.saveTimeline(key, steps, Date.now()));
  }

  #stepsTo(tip: TrunkProcess, atMs: number): readonly TimelineStep[] {
    return withOwnTimes(
      tip.lineage().flatMap((each) => this.#begun.get(each) ?? []),
      atMs,
    );
  }

  #keep(key: string, steps: readonly TimelineStep[]): void {
    this.#newest.delete(key);
    this.#newest.set(key, steps);
    const [oldest] = this.#newest.keys();
    if (this.#newest.size > MOST_IN_MEMORY && oldest !== undefined) this.#newest.delete(oldest);
  }

  /** The newest timeline of a trunk's key, from this life of the daemon or an earlier one; empty where none is known. */
  of(key: string): readonly TimelineStep[] {
    return this.#newest.get(key) ?? this.#recorder.history.timeline(key);
  }
}

// What is imported inside of a module comes after its beginning: a step lasts until the next one begins.
function withOwnTimes(begun: readonly BegunStep[], tipMs: number): readonly TimelineStep[] {
  return begun.map(({ kind, name, path, atMs }, index) => {
    const untilMs = begun[index + 1]?.atMs ?? tipMs;
    return { kind, name, path, ownMs: Math.max(0, Number((untilMs - atMs).toFixed(3))) };
  });
}

function isOfProject({ kind }: BegunStep): boolean {
  return kind === "module" || kind === "conftest" || kind === "testfile";
}

function isStep(kind: TimelineEvent[0]): kind is TimelineStep["kind"] {
  return kind === "module" || kind === "library" || kind === "rewritten" || kind === "conftest" || kind === "testfile";
}
