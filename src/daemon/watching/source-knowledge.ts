import { SourceGraph } from "../../graph/source-graph.ts";
import type { Graph } from "../../plan/affected.ts";
import type { SourceVersions } from "../../plan/source-change.ts";
import type { SourceFacts } from "../../protocol/sources.ts";
import type { SourceReader } from "../../worker/source-reader.ts";
import { differingSources, type World } from "./world.ts";

/** Versions of files that are remembered beside the present ones. */
const MOST_EARLIER = 1_000;

/** Files that are read at once while nobody waits: what an edit needs is read behind them. */
const READ_AT_ONCE = 40;

/** What is known of the source files of one watch, version by version, and of how they refer to each other. */
export class SourceKnowledge {
  readonly #reader: SourceReader;
  readonly #facts = new Map<string, SourceFacts>();
  /** Settles when files are read that were found to be edited. */
  #coming: Promise<void> = Promise.resolve();
  /** What `learnAll` has not asked for yet. */
  #left: readonly string[] = [];
  #graph: { readonly world: World; readonly graph: SourceGraph } | undefined;
  #keepers: { readonly world: World; readonly found: ReadonlyMap<string, string> } | undefined;

  constructor(reader: SourceReader) {
    this.#reader = reader;
  }

  /** These were edited: reads them while their run is still being prepared. */
  foresee(paths: readonly string[]): void {
    this.#coming = this.#read(paths);
  }

  /** Reads all that is not known yet of this world. A later call takes the place of an earlier one. */
  async learnAll(world: World): Promise<void> {
    await this.#coming;
    this.#left = this.#unknown(world, world.sources.keys());
    for (let part = this.#takePart(); part.length > 0; part = this.#takePart()) await this.#read(part);
  }

  /** How many files nobody has begun to read: with thousands of modules the first reading takes a while, for which no edit waits. */
  get unread(): number {
    return this.#left.length;
  }

  #takePart(): readonly string[] {
    const part = this.#left.slice(0, READ_AT_ONCE);
    this.#left = this.#left.slice(READ_AT_ONCE);
    return part;
  }

  #unknown({ sources }: World, paths: Iterable<string>): readonly string[] {
    return [...paths].filter((path) => !this.#facts.has(keyOf(path, sources.get(path))));
  }

  /** Reads what is not known yet of these versions, as long as they are on disk. */
  async #learn(world: World, only: Iterable<string>): Promise<void> {
    await this.#coming;
    await this.#read(this.#unknown(world, only));
  }

  async #read(paths: readonly string[]): Promise<void> {
    for (const facts of await this.#reader.read(paths)) this.#facts.set(keyOf(facts.path, facts.version), facts);
  }

  /** The files that differ, before and now. Null where a version went by before it could be read, with its path. */
  async compare(before: World, now: World): Promise<readonly SourceVersions[] | { readonly unread: string }> {
    const paths = differingSources(before, now);
    await this.#learn(
      now,
      paths.filter((path) => now.sources.has(path)),
    );
    const found: SourceVersions[] = [];
    for (const path of paths) {
      const versions = { path, before: this.#of(path, before), now: this.#of(path, now) };
      if (versions.before === undefined || versions.now === undefined) return { unread: path };
      found.push({ path, before: versions.before, now: versions.now });
    }
    return found;
  }

  /** How the files refer to each other, before and now taken together; undefined where one of them was never read. */
  graphOf(before: World, now: World): Graph | undefined {
    const graphs = [this.#build(before), this.#build(now)];
    const [old, fresh] = graphs;
    if (old === undefined || fresh === undefined) return undefined;
    return {
      has: (path) => before.sources.has(path) || now.sources.has(path),
      traceOf: (path) => SourceGraph.traceOf(path),
      reach: (nodes) => {
        const wanted = [...nodes];
        const [first, second] = [old.reach(wanted), fresh.reach(wanted)];
        if (old === fresh) return first;
        return { files: new Set([...first.files, ...second.files]), shared: first.shared ?? second.shared };
      },
    };
  }

  /** Works out while nobody waits what the next question will be about. */
  prepare(world: World): void {
    this.#build(world);
    this.keepers(world);
  }

  /** Functions that may keep something, each with its file. */
  keepers(world: World): ReadonlyMap<string, string> {
    const known = this.#keepers;
    if (known !== undefined && (known.world === world || this.#keepsSame(known.world, world))) {
      this.#keepers = { world, found: known.found };
      return known.found;
    }
    const found = new Map<string, string>();
    let isComplete = true;
    for (const path of world.sources.keys()) {
      const facts = this.#of(path, world);
      if (facts === undefined) isComplete = false;
      for (const each of facts?.keepers ?? []) found.set(`${path}::${each}`, path);
    }
    // What could not be read yet may be read later.
    if (isComplete) this.#keepers = { world, found };
    return found;
  }

  /** Forgets the oldest versions that this world does not have. Some are kept: an edit may be taken back. */
  forgetBut({ sources }: World): void {
    const kept = new Set([...sources].map(([path, version]) => keyOf(path, version)));
    let over = this.#facts.size - kept.size - MOST_EARLIER;
    for (const key of this.#facts.keys()) {
      if (over <= 0) return;
      if (!kept.has(key) && this.#facts.delete(key)) over -= 1;
    }
  }

  #of(path: string, { sources }: World): SourceFacts | null | undefined {
    const version = sources.get(path);
    return version === undefined ? null : this.#facts.get(keyOf(path, version));
  }

  #build(world: World): SourceGraph | undefined {
    const known = this.#graph;
    if (known !== undefined && this.#refersSame(known.world, world)) return known.graph;
    const files = new Map<string, SourceFacts>();
    for (const path of world.sources.keys()) {
      const facts = this.#of(path, world);
      if (facts === undefined || facts === null) return undefined;
      files.set(path, facts);
    }
    const graph = new SourceGraph(files, world.modules, world.entries);
    this.#graph = { world, graph };
    return graph;
  }

  #keepsSame(one: World, other: World): boolean {
    if (one.sources.size !== other.sources.size) return false;
    return differingSources(one, other).every((path) => {
      const [before, now] = [this.#of(path, one), this.#of(path, other)];
      return before != null && now != null && `${before.keepers}` === `${now.keepers}`;
    });
  }

  #refersSame(one: World, other: World): boolean {
    if (one === other) return true;
    if (one.sources.size !== other.sources.size) return false;
    return differingSources(one, other).every(
      (path) => references(this.#of(path, one)) === references(this.#of(path, other)),
    );
  }
}

function references(facts: SourceFacts | null | undefined): string {
  if (facts === null || facts === undefined) return "";
  return JSON.stringify([facts.imports, facts.strings, facts.dynamic, facts.left]);
}

function keyOf(path: string, version: string | undefined): string {
  return `${path}\0${version}`;
}
