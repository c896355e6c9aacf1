import { resolve } from "node:path";
import type { KnownTest, TestRecord } from "../../plan/affected.ts";
import type { RanOutside } from "../../plan/source-change.ts";
import type { AgentMessage } from "../../protocol/agent-messages.ts";
import type { Outcome } from "../../protocol/events.ts";
import { FunctionSet, Names, numbersIn, type Ranges, rangesOf } from "./function-set.ts";

type Owned = Extract<AgentMessage, { type: "owned" }>;
type Depends = Extract<AgentMessage, { type: "depends" }>;

/** One process that runs tests, a leader or a worker, in the present run. */
class Teller {
  /** The texts that its messages name by their place, as numbers of our own. */
  readonly places: number[] = [];
  /** What counts as executed by each test that ends now, beside what it tells itself. */
  held: readonly Ranges[] = [];
  /** What tests did whose outcome comes later: quick ones of a worker are told together. */
  readonly records = new Map<string, TestRecord>();
  /** Tests that may lack what fixtures do at their end. */
  readonly unfinished = new Set<string>();
  /** Whether it has told everything. */
  hasEnded = false;
}

/** What is known of the tests of one watch: their last outcomes, and what they did then. */
export class KnownTests {
  readonly #tests = new Map<string, KnownTest>();
  readonly #names = new Names();
  readonly #ranOutside = new Map<string, Set<string>>();
  readonly #late = new Map<string, string>();
  #hasFunctions = false;
  /** By worker; the leader has the empty name. */
  readonly #tellers = new Map<string, Teller>();

  get tests(): ReadonlyMap<string, KnownTest> {
    return this.#tests;
  }

  /** Source files that were loaded while tests ran, each with the version that was loaded last. */
  get late(): ReadonlyMap<string, string> {
    return this.#late;
  }

  /** Whether any test does what cannot be seen, as in a process that it starts. */
  get startProcesses(): boolean {
    return [...this.#tests.values()].some(({ record }) => record === null || record.always !== "");
  }

  /** Every path that a test has opened. */
  opened(): ReadonlySet<string> {
    return new Set([...this.#tests.values()].flatMap(({ record }) => [...(record?.opened.keys() ?? [])]));
  }

  /** Functions of a file that ran outside of tests; null where that is not known. */
  ranOutside(path: string): RanOutside {
    if (!this.#hasFunctions || this.#late.has(path)) return null;
    return this.#ranOutside.get(path) ?? new Set();
  }

  /** A run begins: names count anew. What was told by one that was cut short may lack what fixtures do at their end. */
  begin(): void {
    for (const { unfinished } of this.#tellers.values()) {
      for (const id of unfinished) {
        const known = this.#tests.get(id);
        if (known !== undefined) this.#tests.set(id, { ...known, record: null });
      }
    }
    this.#tellers.clear();
  }

  /** A process has told everything. */
  end(worker = ""): void {
    const teller = this.#teller(worker);
    teller.unfinished.clear();
    teller.hasEnded = true;
  }

  /** What a fixture did belongs to all tests that use it. */
  addOwned({ ids, functions, opened, always, worker = "" }: Owned): void {
    const teller = this.#teller(worker);
    const executed = ranges(functions, teller);
    const versions = this.#versions(opened, teller);
    const withIt = (record: TestRecord): TestRecord => {
      const before = record.functions;
      const all = before instanceof FunctionSet ? new FunctionSet(this.#names, [...before.parts, executed]) : null;
      const files = new Map([...record.opened, ...versions]);
      return { ...record, functions: all, opened: files, always: record.always === "" ? always : record.always };
    };
    for (const id of ids) {
      // What a leader shares is used in all its workers.
      for (const { records } of this.#tellers.values()) {
        const waiting = records.get(id);
        if (waiting !== undefined) records.set(id, withIt(waiting));
      }
      const known = this.#tests.get(id);
      if (known?.record != null) this.#tests.set(id, { ...known, record: withIt(known.record) });
    }
  }

  addNames(names: readonly string[], worker = ""): void {
    const { places } = this.#teller(worker);
    for (const name of names) places.push(this.#names.add(name));
  }

  /** These count from now on as executed by every test of this process, until `release`: nobody looks whether they are. */
  hold(functions: readonly number[], worker = ""): void {
    const teller = this.#teller(worker);
    const numbers = teller.held.flatMap((each) => [...numbersIn(each)]);
    teller.held = [rangesOf([...numbers, ...ours(functions, teller)])];
  }

  release(worker = ""): void {
    this.#teller(worker).held = [];
  }

  addRanOutside(functions: readonly number[], worker = ""): void {
    this.#hasFunctions = true;
    for (const number of ours(functions, this.#teller(worker))) {
      const name = this.#names.textOf(number);
      const cut = name.indexOf("::");
      const path = name.slice(0, cut);
      const known = this.#ranOutside.get(path) ?? new Set();
      known.add(name.slice(cut + 2));
      this.#ranOutside.set(path, known);
    }
  }

  /** What the test did whose outcome comes next. */
  addDepends({ id, functions, opened, loaded, always, worker = "" }: Depends): void {
    const teller = this.#teller(worker);
    const late = this.#versions(loaded, teller);
    for (const [path, version] of late) this.#late.set(path, version);
    teller.records.set(id, {
      functions: functions === null ? null : new FunctionSet(this.#names, [ranges(functions, teller), ...teller.held]),
      opened: new Map(this.#versions(opened, teller)),
      loaded: new Set(late.map(([path]) => path)),
      always,
    });
  }

  addOutcome(id: string, outcome: Outcome, root: string, worker = ""): void {
    const file = resolve(root, id.split("::", 1)[0] ?? id);
    const teller = this.#teller(worker);
    this.#tests.set(id, { file, outcome, record: teller.records.get(id) ?? null, outdated: "" });
    teller.records.delete(id);
    if (!teller.hasEnded) teller.unfinished.add(id);
  }

  /** These exist no more. */
  forget(ids: Iterable<string>): void {
    for (const id of ids) this.#tests.delete(id);
  }

  /** These do not have their last outcome for the files as they are now: why, by id. */
  outdate(reasons: ReadonlyMap<string, string>): void {
    for (const [id, outdated] of reasons) {
      const known = this.#tests.get(id);
      if (known !== undefined) this.#tests.set(id, { ...known, outdated });
    }
  }

  #versions(opened: readonly number[], { places }: Teller): readonly [path: string, version: string][] {
    return opened.map((place) => this.#names.textOf(places[place] ?? -1).split("\n", 2) as [string, string]);
  }

  #teller(worker: string): Teller {
    let teller = this.#tellers.get(worker);
    if (teller === undefined) {
      teller = new Teller();
      this.#tellers.set(worker, teller);
    }
    return teller;
  }
}

function ranges(functions: readonly number[], teller: Teller): Ranges {
  return rangesOf(ours(functions, teller));
}

function* ours(functions: readonly number[], { places }: Teller): Iterable<number> {
  for (const place of numbersIn(functions)) {
    const number = places[place];
    if (number !== undefined) yield number;
  }
}
