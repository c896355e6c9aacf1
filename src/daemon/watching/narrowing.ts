import { dirname, relative } from "node:path";
import type { Segment } from "../../graph/segment.ts";
import { type AffectedTests, findAffected } from "../../plan/affected.ts";
import { orderTests } from "../../plan/order.ts";
import type { AgentMessage } from "../../protocol/agent-messages.ts";
import type { Outcome, RunEvent } from "../../protocol/events.ts";
import type { NodeId } from "../../protocol/ids.ts";
import type { SourceReader } from "../../worker/source-reader.ts";
import { KnownTests } from "./known-tests.ts";
import type { Writer } from "./side-effects.ts";
import { SourceKnowledge } from "./source-knowledge.ts";
import { otherDifference, versionNow, type World, worldOf } from "./world.ts";

const MOST_TOLD = 100;

/** What was decided for one run, for whoever asks afterwards. */
export interface Decision {
  readonly atMs: number;
  readonly affected: AffectedTests;
  readonly isNarrowed: boolean;
  readonly collected: ReadonlySet<string>;
  readonly known: KnownTests;
  /** Files that modules read while they are imported, each with its reader. */
  readonly readers: ReadonlyMap<string, string>;
}

/**
 * The runs of one watch: after an edit only what it can affect. Each run is compared with what the outcomes of all tests
 * stand for, which is the world of the last decision: a test that it affects is outdated until it has run.
 */
export class Narrowing implements Disposable {
  /** Whether the next run may leave out what an edit cannot affect. */
  isNarrowing = false;
  /** Whether a person's filter hides some tests. */
  isFiltered = false;
  readonly #root: string;
  readonly #reader: SourceReader;
  readonly #sources: SourceKnowledge;
  readonly #known = new KnownTests();
  /** What the known outcomes stand for, but for outdated tests. */
  #world: World | null = null;
  #next: World | null = null;
  #readers: ReadonlyMap<string, string> = new Map();
  #testRoot = "";
  #collected: string[] = [];
  /** Whether files did not collect, or a filter hides tests: what is not collected may be there. */
  #isPartial = false;
  #decision: Decision | null = null;
  /** What the tests of the last run have made, written or removed; null where it did not come to its end. */
  #made: ReadonlySet<string> | null = null;
  #madeSoFar: string[] = [];
  readonly #onDecision: (decision: Decision) => void;

  constructor(root: string, reader: SourceReader, onDecision: (decision: Decision) => void) {
    this.#root = root;
    this.#reader = reader;
    this.#sources = new SourceKnowledge(reader);
    this.#onDecision = onDecision;
  }

  /** These files were edited, and a run comes. */
  foresee(paths: readonly string[]): void {
    this.#sources.foresee(paths.filter((path) => this.#world?.sources.has(path) === true));
  }

  /** A run is led from this timeline. */
  leadsFrom(line: readonly Segment[], surroundings: ReadonlyMap<string, string>, testRoot: string): void {
    this.#known.begin();
    this.#collected = [];
    this.#isPartial = this.isFiltered;
    this.#decision = null;
    this.#made = null;
    this.#madeSoFar = [];
    this.#testRoot = testRoot;
    this.#readers = new Map(line.flatMap((segment) => [...segment.readers]));
    this.#next = worldOf(line, surroundings, this.#known.late.keys());
  }

  onMessage(message: AgentMessage): void {
    const worker = "worker" in message ? (message.worker ?? "") : "";
    if (message.type === "choosing") this.#collected.push(...message.ids);
    else if (message.type === "collect-failed") this.#isPartial = true;
    else if (message.type === "names") this.#known.addNames(message.names, worker);
    else if (message.type === "ran-outside") this.#known.addRanOutside(message.functions, worker);
    else if (message.type === "held") this.#known.hold(message.functions, worker);
    else if (message.type === "released") this.#known.release(worker);
    else if (message.type === "depends") this.#known.addDepends(message);
    else if (message.type === "owned") this.#known.addOwned(message);
    else if (message.type === "recorded") this.#recorded(message.made, worker);
  }

  /** A test of the present run has ended; the worker's name is empty where the leader ran it. */
  finished(id: string, outcome: Outcome, worker: string): void {
    this.#known.addOutcome(id, outcome, this.#testRoot, worker);
  }

  #recorded(made: readonly string[], worker: string): void {
    this.#known.end(worker);
    this.#madeSoFar.push(...made);
    // The leader's word is the last, and does not come where a worker was lost.
    if (worker === "") this.#made = new Set(this.#madeSoFar);
  }

  /** The places of the collected tests that run; null for all. */
  async choose(onEvent: (event: RunEvent) => void): Promise<readonly number[] | null> {
    const next = this.#next;
    if (next === null) return null;
    this.#addLate();
    const affected = await this.#judge(this.#world, next);
    this.#known.outdate(affected.reasons);
    this.#world = next;
    const { tests } = this.#known;
    const collected = this.#collected;
    const isNew = (id: string) => !tests.has(id);
    const chosen = collected.filter((id) => !this.isNarrowing || isNew(id) || affected.reasons.has(id));
    const isNarrowed = chosen.length < collected.length;
    this.#decision = {
      atMs: Date.now(),
      affected,
      isNarrowed,
      collected: new Set(collected),
      known: this.#known,
      readers: this.#readers,
    };
    this.#onDecision(this.#decision);
    if (!this.isNarrowing) return null;
    const missing = this.#missing();
    const reasons = chosen.slice(0, MOST_TOLD).map((id) => [id, affected.reasons.get(id) ?? "it is new"] as const);
    onEvent({
      type: "plan",
      tests: collected.length,
      affected: chosen.length,
      unaffected: collected.length - chosen.length,
      gone: this.#isPartial ? [] : missing,
      outdated: this.#isPartial ? missing.filter((id) => affected.reasons.has(id)) : [],
      changes: [...affected.changes].slice(0, MOST_TOLD).map(([path, what]) => `${this.#name(path)}: ${what}`),
      reasons: Object.fromEntries(reasons),
    });
    if (!this.#isPartial) this.#known.forget(missing);
    return isNarrowed ? orderTests(collected, affected.reasons, tests, isNew) : null;
  }

  /** Nobody waits: reads the sources that the last run was led from, before they change. */
  async settle(): Promise<void> {
    this.#addLate();
    const world = this.#world;
    if (world === null) return;
    this.#sources.forgetBut(world);
    await this.#sources.learnAll(world);
    this.#sources.prepare(world);
  }

  /** How many tests have opened a file. */
  openedBy(path: string): number {
    let count = 0;
    for (const { record } of this.#known.tests.values()) if (record?.opened.has(path) === true) count += 1;
    return count;
  }

  /** Files that only tests use: an edit of them is one, too. */
  usedByTests(): ReadonlySet<string> {
    return new Set([...this.#known.opened(), ...this.#known.late.keys()]);
  }

  /** Who has changed a file during the last run: its tests tell what they have made, but not what processes did that they started. */
  writerOf(path: string): Writer {
    if (this.#made === null) return "unknown";
    for (let at = path; at !== dirname(at); at = dirname(at)) if (this.#made.has(at)) return "tests";
    return this.#known.startProcesses ? "unknown" : "somebody";
  }

  /**
   * The tests of the present run have run elsewhere, in a copy of the working tree. `isSame` tells whether that has a file with the content of
   * a version, undefined for what is not in it. Where it was another tree than what the run was led from, nothing is known afterwards.
   */
  ranInCopy(isSame: (path: string, version: string) => boolean | undefined): void {
    const world = this.#world;
    if (world === null) return;
    if ([...world.sources, ...world.others].some(([path, version]) => isSame(path, version) === false))
      this.#world = null;
  }

  [Symbol.dispose](): void {
    this.#reader[Symbol.dispose]();
  }

  /** What tests have loaded belongs to the world that their outcomes stand for. */
  #addLate(): void {
    const world = this.#world;
    if (world === null || [...this.#known.late.keys()].every((path) => world.sources.has(path))) return;
    this.#world = { ...world, sources: new Map([...this.#known.late, ...world.sources]) };
  }

  /** Known tests that were not collected. */
  #missing(): readonly NodeId[] {
    const collected = new Set(this.#collected);
    return [...this.#known.tests.keys()].filter((id) => !collected.has(id)) as NodeId[];
  }

  async #judge(before: World | null, now: World): Promise<AffectedTests> {
    const { tests } = this.#known;
    const everything = (reason: string): AffectedTests => ({
      everything: reason,
      reasons: new Map([...tests.keys()].map((id) => [id, reason])),
      changes: new Map(),
    });
    if (before === null) return everything("nothing is known yet");
    const other = otherDifference(before, now);
    if (other !== null) return everything(this.#name(other));
    const unknown = this.#collected.find((id) => !tests.has(id) && !now.sources.has(fileOf(id, this.#testRoot)));
    if (unknown !== undefined) return everything(`${unknown.split("::")[0]} is new`);
    if (this.#sources.unread > 0) return everything("the source files were still being read");
    const sources = await this.#sources.compare(before, now);
    if ("unread" in sources) return everything(`${this.#name(sources.unread)} has changed twice in a short time`);
    const graph = this.#sources.graphOf(before, now);
    if (graph === undefined) return everything("not all source files could be read");
    const versions = new Map([...this.#known.opened()].map((path) => [path, versionNow(path)]));
    return findAffected(
      tests,
      { sources, versions, everything: null },
      graph,
      (path) => this.#known.ranOutside(path),
      this.#sources.keepers(before),
      (path) => this.#name(path),
    );
  }

  #name(path: string): string {
    const name = relative(this.#root, path);
    return path.startsWith(`${this.#root}/`) ? name : path.replace(`${this.#root}/`, "");
  }
}

function fileOf(id: string, root: string): string {
  return `${root}/${id.split("::", 1)[0]}`;
}
