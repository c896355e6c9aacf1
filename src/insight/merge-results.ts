import type { Outcome } from "../protocol/events.ts";
import type { RunResults } from "../protocol/results-schema.ts";

/** One file of results, with its name. */
export interface NamedResults {
  readonly name: string;
  readonly results: RunResults;
}

/** A test of the merged run. */
export interface MergedTest {
  readonly outcome: Outcome;
  readonly durationMs: number;
  readonly text: string;
  /** Whether an earlier try of the same share had another outcome. */
  readonly isFlaky: boolean;
}

/** Several runs as one. */
export interface MergedRun {
  readonly exit: number;
  readonly tests: ReadonlyMap<string, MergedTest>;
  readonly broken: readonly { readonly id: string; readonly text: string }[];
  readonly shares: number;
}

/** Exit codes of pytest that are no verdict on tests, the gravest first: an error of its own, bad usage, an interruption. */
const GRAVE = [3, 4, 2];
const NO_TESTS = 5;

/**
 * Takes the shares of one split as one run. Of several files of one share, which are retries, the last one started counts.
 * Returns in words why they do not make one whole: a run is never green without an outcome for each of its tests.
 */
export function mergeResults(files: readonly NamedResults[]): MergedRun | string {
  const tries = files.toSorted((a, b) => a.results.startedMs - b.results.startedMs);
  const refusal = whyNotOne(tries);
  if (refusal !== null) return refusal;
  const last = new Map(tries.map(({ name, results }) => [results.share?.index ?? 1, { name, results }]));
  const tests = new Map<string, MergedTest>();
  const isBroken = [...last.values()].some(({ results }) => results.broken.length > 0);
  for (const { name, results } of last.values()) {
    const earlier = tries
      .filter(({ results: { share } }) => share?.index === results.share?.index)
      .map((each) => new Map(each.results.tests.map((test) => [test.id, test.outcome])));
    for (const { id, outcome, durationMs, text } of results.tests) {
      if (tests.has(id)) return `${id} is in more than one share, ${name} the second`;
      if (outcome === null && !isBroken && results.exit === 0) return `${id} has no outcome in ${name}`;
      if (outcome === null) continue;
      const isFlaky = earlier.some((outcomes) => (outcomes.get(id) ?? outcome) !== outcome);
      tests.set(id, { outcome, durationMs, text, isFlaky });
    }
  }
  const exits = [...last.values()].map(({ results }) => results.exit);
  const total = tries[0]?.results.share?.total;
  if (total !== undefined && tests.size !== total && exits.every((exit) => exit === 0 || exit === NO_TESTS)) {
    return `the split has ${total} tests, and ${tests.size} have an outcome`;
  }
  const broken = new Map([...last.values()].flatMap(({ results }) => results.broken.map((each) => [each.id, each])));
  return { exit: exitOf(exits), tests, broken: [...broken.values()], shares: last.size };
}

/** How long each test took, for the next split. */
export function durationsOf({ tests }: MergedRun): Readonly<Record<string, number>> {
  return Object.fromEntries([...tests].map(([id, { durationMs }]) => [id, durationMs]));
}

function whyNotOne(files: readonly NamedResults[]): string | null {
  const [first] = files;
  if (first === undefined) return "there is none";
  const { share } = first.results;
  if (share === null) return files.length === 1 ? null : `${first.name} is of a run without --shard`;
  for (const { name, results } of files) {
    if (results.share === null) return `${name} is of a run without --shard`;
    if (results.share.of !== share.of || results.share.split !== share.split) {
      return `${name} and ${first.name} are of different splits: other tests, other durations, or another number of shards`;
    }
  }
  const there = new Set(files.map(({ results }) => results.share?.index));
  for (let index = 1; index <= share.of; index += 1) {
    if (!there.has(index)) return `share ${index} of ${share.of} is missing`;
  }
  return null;
}

function exitOf(exits: readonly number[]): number {
  const grave = GRAVE.find((code) => exits.includes(code));
  if (grave !== undefined) return grave;
  const other = exits.find((code) => code !== 0 && code !== NO_TESTS);
  return other ?? (exits.every((code) => code === NO_TESTS) ? NO_TESTS : 0);
}
