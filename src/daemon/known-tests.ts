import { resolve } from "node:path";
import type { KnownTest, TestRecord } from "../plan/affected.ts";
import type { RanOutside } from "../plan/source-change.ts";
import type { AgentMessage } from "../protocol/agent-messages.ts";
import type { Outcome } from "../protocol/events.ts";
import { FunctionSet, Names, numbersIn, type Ranges, rangesOf } from "./function-set.ts";

type Owned = Extract<AgentMessage, { type: "owned" }>;
type Depends = Extract<AgentMessage, { type: "depends" }>;

/** What is known of the tests of one watch: their last outcomes, and what they did then. */
export class KnownTests {
  readonly #tests = new Map<string, KnownTest>();
  readonly #names = new Names();
  readonly #ranOutside = new Map<string, Set<string>>();
  /** Tests of the present run, until it has told everything. */
  readonly #unfinished = new Set<string>();
  readonly #late = new Map<string, string>();
  #hasFunctions = false;
  /** The texts that the messages of the present run name by their place, as numbers of our own. */
  #places: number[] = [];
  /** What counts as executed by each test that ends now, beside what it tells itself. */
  #held: readonly Ranges[] = [];
  #record: TestRecord | null = null;

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
    for (const id of this.#unfinished) {
      const known = this.#tests.get(id);
      if (known !== undefined) this.#tests.set(id, { ...known, record: null });
    }
    this.#unfinished.clear();
    this.#places = [];
    this.#held = [];
    this.#record = null;
  }

  /** A run has told everything. */
  end(): void {
    this.#unfinished.clear();
  }

  /** What a fixture did belongs to all tests that use it. */
  addOwned({ ids, functions, opened, always }: Owned): void {
    const executed = this.#ranges(functions);
    const versions = this.#versions(opened);
    for (const id of ids) {
      const known = this.#tests.get(id);
      if (known?.record == null) continue;
      const { record } = known;
      const before = record.functions;
      const all = before instanceof FunctionSet ? new FunctionSet(this.#names, [...before.parts, executed]) : null;
      const files = new Map([...record.opened, ...versions]);
      const reason = record.always === "" ? always : record.always;
      this.#tests.set(id, { ...known, record: { ...record, functions: all, opened: files, always: reason } });
    }
  }

  addNames(names: readonly string[]): void {
    for (const name of names) this.#places.push(this.#names.add(name));
  }

  /** These count from now on as executed by every test, until `release`: nobody looks whether they are. */
  hold(ranges: readonly number[]): void {
    const numbers = this.#held.flatMap((each) => [...numbersIn(each)]);
    this.#held = [rangesOf([...numbers, ...this.#ours(ranges)])];
  }

  release(): void {
    this.#held = [];
  }

  addRanOutside(ranges: readonly number[]): void {
    this.#hasFunctions = true;
    for (const number of this.#ours(ranges)) {
      const name = this.#names.textOf(number);
      const cut = name.indexOf("::");
      const path = name.slice(0, cut);
      const known = this.#ranOutside.get(path) ?? new Set();
      known.add(name.slice(cut + 2));
      this.#ranOutside.set(path, known);
    }
  }

  /** What the test did whose outcome comes next. */
  addDepends({ functions, opened, loaded, always }: Depends): void {
    const late = this.#versions(loaded);
    for (const [path, version] of late) this.#late.set(path, version);
    this.#record = {
      functions: functions === null ? null : new FunctionSet(this.#names, [this.#ranges(functions), ...this.#held]),
      opened: new Map(this.#versions(opened)),
      loaded: new Set(late.map(([path]) => path)),
      always,
    };
  }

  addOutcome(id: string, outcome: Outcome, root: string): void {
    const file = resolve(root, id.split("::", 1)[0] ?? id);
    this.#tests.set(id, { file, outcome, record: this.#record, outdated: "" });
    this.#unfinished.add(id);
    this.#record = null;
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

  #versions(opened: readonly number[]): readonly [path: string, version: string][] {
    return opened.map((place) => this.#names.textOf(this.#places[place] ?? -1).split("\n", 2) as [string, string]);
  }

  #ranges(ranges: readonly number[]): Ranges {
    return rangesOf(this.#ours(ranges));
  }

  *#ours(ranges: readonly number[]): Iterable<number> {
    for (const place of numbersIn(ranges)) {
      const number = this.#places[place];
      if (number !== undefined) yield number;
    }
  }
}
