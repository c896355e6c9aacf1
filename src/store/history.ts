import { join } from "node:path";
import type { NodeId } from "../protocol/ids.ts";
import type { Past } from "../protocol/past.ts";
import { type Database, isDamage, openDatabase, reasonOf, setAside } from "./database.ts";
import { addEdits, countEdits, type EditCount } from "./edits.ts";
import { loadFact, saveFact } from "./facts.ts";
import {
  addRun,
  type LastOutcome,
  lastOutcomes,
  latestRuns,
  type PastRun,
  type RunEntry,
  recentOutcomes,
  usualDurations,
} from "./outcomes.ts";
import { pastRuns, slowestTests, timesOfSlowest, unsteadyOutcomes } from "./past.ts";
import { BOUNDS, type Bounds, prune } from "./prune.ts";
import type { Suite } from "./suite.ts";
import { loadTimeline, saveTimeline, type TimelineStep } from "./timelines.ts";

const RUNS_BETWEEN_PRUNINGS = 50;

/** What a person has to know of a history that cannot be kept. */
export interface HistoryWarning {
  readonly code: "no-history" | "history-damaged";
  readonly text: string;
  readonly next: string;
}

/**
 * What outlives the daemon, in `history.db` of its folder. It makes things quicker and is never needed: no method throws,
 * a question that cannot be answered has the answer of an empty history, and what cannot be written is not remembered.
 *
 *     closed ──first use──▶ open ──damage──▶ (set aside) ──▶ open
 *        └──refused──▶ off ──next write──▶ open or off
 */
export class History {
  readonly #file: string;
  readonly #bounds: Bounds;
  readonly #mostBytes: number | undefined;
  #database: Database | "closed" | "off" = "closed";
  #isWriting = false;
  #warning: HistoryWarning | undefined;
  readonly #warned = new Set<string>();

  constructor(folder: string, bounds: Bounds = BOUNDS, mostBytes?: number) {
    this.#file = join(folder, "history.db");
    this.#bounds = bounds;
    this.#mostBytes = mostBytes;
  }

  /** Opens the database where that has not happened; each other method does so by itself. */
  open(): void {
    if (this.#database === "closed") this.#open();
  }

  close(): void {
    const database = this.#database;
    this.#database = "off";
    if (typeof database === "object") database.close();
  }

  /** What went wrong and has not been told; each kind is told once. */
  takeWarning(): HistoryWarning | undefined {
    const warning = this.#warning;
    this.#warning = undefined;
    return warning;
  }

  /** Does several writes in one transaction: all of them or none. Returns whether they are on disk. */
  write(act: () => void): boolean {
    if (this.#isWriting) {
      act();
      return true;
    }
    if (typeof this.#database !== "object") this.#open();
    const database = this.#database;
    if (typeof database !== "object") return false;
    this.#isWriting = true;
    try {
      database.transact(act);
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
    } finally {
      this.#isWriting = false;
    }
  }

  /** Remembers a run and its outcomes. */
  addRun(entry: RunEntry): void {
    this.#save((database) => {
      const run = addRun(database, entry);
      if (run % RUNS_BETWEEN_PRUNINGS === 0) prune(database, this.#bounds);
    });
  }

  /** The latest runs, the newest first. */
  runs(most: number): readonly PastRun[] {
    return this.#ask([], (database) => latestRuns(database, most));
  }

  /** How long the slowest tests took in their latest runs. */
  timesOf(most: number): ReturnType<typeof timesOfSlowest> {
    return this.#ask([], (database) => timesOfSlowest(database, most));
  }

  /** Runs, tests that are not steady, and the slowest tests. */
  past(mostRuns: number, mostSlow: number): Omit<Past, "failures"> {
    return this.#ask<Omit<Past, "failures">>({ runs: [], unsteady: [], slowest: [] }, (database) => ({
      runs: pastRuns(database, mostRuns),
      unsteady: unsteadyOutcomes(database),
      slowest: slowestTests(database, mostSlow),
    }));
  }

  /** The last outcome of every test of a suite that was ever run; deleted tests are among them. */
  lastOutcomes(suite: Suite): ReadonlyMap<NodeId, LastOutcome> {
    return this.#ask<ReadonlyMap<NodeId, LastOutcome>>(new Map(), (database) => lastOutcomes(database, suite));
  }

  /** The latest outcomes of one test, the newest first. */
  recentOutcomes(suite: Suite, id: NodeId, most: number): readonly LastOutcome[] {
    return this.#ask([], (database) => recentOutcomes(database, suite, id, most));
  }

  /** How long these tests usually take, in milliseconds; those that were never run are missing. */
  durationsOf(suite: Suite, ids: readonly NodeId[]): ReadonlyMap<NodeId, number> {
    return this.#ask<ReadonlyMap<NodeId, number>>(new Map(), (database) => usualDurations(database, suite, ids));
  }

  /** Adds one edit of each of these absolute paths. */
  addEdits(paths: readonly string[], atMs: number): void {
    this.#save((database) => addEdits(database, paths, atMs));
  }

  /** Every file that was edited, with its number of edits; the one that was edited last comes last. */
  edits(): readonly EditCount[] {
    return this.#ask([], countEdits);
  }

  /** Remembers what a timeline executed, in its order, in place of the one before. */
  saveTimeline(key: string, steps: readonly TimelineStep[], atMs: number): void {
    this.#save((database) => saveTimeline(database, key, steps, atMs));
  }

  /** The newest timeline of a trunk's key (`timelineKey`); empty where none is known. */
  timeline(key: string): readonly TimelineStep[] {
    return this.#ask([], (database) => loadTimeline(database, key));
  }

  /** Remembers a value that JSON can hold. */
  saveFact(key: string, value: unknown, atMs: number): void {
    this.#save((database) => saveFact(database, key, value, atMs));
  }

  /** A value as it was saved, or undefined. */
  fact(key: string): unknown {
    return this.#ask(undefined, (database) => loadFact(database, key));
  }

  #save(act: (database: Database) => void): void {
    this.write(() => {
      if (typeof this.#database === "object") act(this.#database);
    });
  }

  #ask<T>(empty: T, act: (database: Database) => T): T {
    this.open();
    if (typeof this.#database !== "object") return empty;
    try {
      return act(this.#database);
    } catch (error) {
      this.#failed(error);
      return empty;
    }
  }

  #open(): void {
    let opened = openDatabase(this.#file, this.#mostBytes);
    if (!opened.ok && opened.error.isDamaged && this.#setAside()) opened = openDatabase(this.#file, this.#mostBytes);
    if (opened.ok) {
      this.#database = opened.value;
    } else {
      this.#database = "off";
      this.#warnOfNone(opened.error.reason);
    }
  }

  #failed(error: unknown): void {
    if (!isDamage(error)) {
      this.#warnOfNone(reasonOf(error));
      return;
    }
    this.close();
    if (this.#setAside()) this.#open();
  }

  #setAside(): boolean {
    try {
      const aside = setAside(this.#file);
      this.#warn({
        code: "history-damaged",
        text: `The history was damaged, and is now ${aside}: durations and outcomes of earlier runs are forgotten.`,
        next: `rm ${aside}`,
      });
      return true;
    } catch (error) {
      this.#warnOfNone(reasonOf(error));
      return false;
    }
  }

  #warnOfNone(reason: string): void {
    this.#warn({
      code: "no-history",
      text: `The history ${this.#file} cannot be used (${reason}): nothing is remembered.`,
      next: "PREWARM_STATE_DIR=FOLDER prewarm run -- pytest      (another state folder)",
    });
  }

  #warn(warning: HistoryWarning): void {
    if (this.#warned.has(warning.code)) return;
    this.#warned.add(warning.code);
    this.#warning = warning;
  }
}
