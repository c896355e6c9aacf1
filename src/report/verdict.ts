import type { Outcome, Selection } from "../protocol/events.ts";
import { formatCount, formatNumber } from "./format-count.ts";
import { fileOf } from "./format-failure.ts";
import type { RunProgress, RunView } from "./run-view.ts";

/** What kind of verdict it is; also the word that it has where there are no marks. */
export type VerdictKind = "pass" | "fail" | "none" | "cancelled";

/** The verdict of a run: what made its mark comes first, and the numbers add up to all known tests. */
export interface Verdict {
  readonly kind: VerdictKind;
  readonly parts: readonly string[];
  /** How it was served. */
  readonly served: string;
}

/** A lasting limit on what runs, as a person typed it. */
export interface Filter {
  readonly path: string;
  readonly name: string;
}

/** The filter as every line names it: `path: checkout`; empty where there is none. */
export function describeFilter({ path, name }: Filter): string {
  return [path && `path: ${path}`, name && `name: ${name}`].filter((part) => part !== "").join(", ");
}

/** How many known tests are in which state after a run. */
export interface Census {
  readonly outdated: number;
  /** Failed before, and not run now. */
  readonly stillFailing: number;
  /** Not run, and neither of these. */
  readonly rest: number;
}

/** Counts the tests that a run has not run. */
export function takeCensus({ tests, run }: RunView): Census {
  const census = { outdated: 0, stillFailing: 0, rest: 0 };
  for (const test of tests.values()) {
    if (test.isOutdated) census.outdated += 1;
    else if (test.run === run?.number) continue;
    else if (test.failing !== undefined) census.stillFailing += 1;
    else census.rest += 1;
  }
  return census;
}

const NO_TESTS = 5;
const INTERRUPTED = 2;
const FAILED = 1;
const FIRST: readonly Outcome[] = ["failed", "error"];
const THEN: readonly Outcome[] = ["passed", "skipped", "xfailed", "xpassed"];
const WORDS: Readonly<Record<Outcome, readonly [one: string, many: string]>> = {
  failed: ["failed", "failed"],
  error: ["error", "errors"],
  passed: ["passed", "passed"],
  skipped: ["skipped", "skipped"],
  xfailed: ["xfailed", "xfailed"],
  xpassed: ["xpassed", "xpassed"],
};

/** The verdict of the run that has just ended. */
export function readVerdict(view: RunView, filter: Filter): Verdict {
  const { run } = view;
  if (run?.record === undefined) throw new Error("Expected a run that has ended.");
  const { record } = run;
  const census = takeCensus(view);
  const isFiltered = filter.path !== "" || filter.name !== "";
  const hasFailed = (run.counts.failed ?? 0) + (run.counts.error ?? 0) > 0;
  const broken = describeBroken(run, view);
  const [ran, all] = describeRan(run, census);
  const outdated = census.outdated === 0 ? "" : `${formatNumber(census.outdated)} outdated`;
  const rest = census.rest === 0 ? "" : `${formatNumber(census.rest)} ${nameOfRest(run.selection, isFiltered)}`;
  const failing = census.stillFailing === 0 ? "" : `${formatNumber(census.stillFailing)} still failing, not run`;
  const odd = describeExit(run, hasFailed);
  const notRun = [outdated, rest].filter((part) => part !== "").join(", ");
  const left = notRun === "" ? "" : `${notRun}, not run`;
  const separately = [outdated, rest].map((part) => (part === "" ? "" : `${part}, not run`));
  const isCancelled = record.exit === INTERRUPTED && run.broken.length === 0;
  const kind = kindOf();
  const parts =
    broken !== ""
      ? [broken, ran, failing, left]
      : kind === "cancelled" && census.outdated > 0
        ? [separately[0], ran, separately[1]]
        : hasFailed
          ? [ran, all, failing, odd, ...separately]
          : [failing, odd, ran, ...separately];
  const said = parts.filter((part): part is string => part !== undefined && part !== "");
  return {
    kind,
    parts: said.length === 0 ? ["no tests"] : said,
    served: isCancelled ? "cancelled" : describeServed(run, filter),
  };

  function kindOf(): VerdictKind {
    if (hasFailed || census.stillFailing > 0 || broken !== "" || odd !== "") return "fail";
    if (isCancelled || census.outdated > 0) return "cancelled";
    return run?.finished === 0 ? "none" : "pass";
  }
}

/**
 * `14 affected passed`, `1 failed, 213 passed of 214 affected`, `all 600 ran: 596 passed, 4 skipped`; a second part where
 * failures come before the word all.
 */
function describeRan(
  { counts, selection, selected, finished }: RunProgress,
  census: Census,
): readonly [ran: string, all: string] {
  const list = [...FIRST, ...THEN].flatMap((outcome) => {
    const count = counts[outcome] ?? 0;
    return count === 0 ? [] : [`${formatNumber(count)} ${WORDS[outcome][count === 1 ? 0 : 1]}`];
  });
  const outcomes = list.join(", ");
  if (selection === "all") {
    if (finished === 0) return ["", ""];
    const isAll = finished === selected && census.outdated + census.rest + census.stillFailing === 0;
    if (!isAll) return [finished === selected ? outcomes : `${outcomes} of ${formatNumber(selected)}`, ""];
    const hasFailed = FIRST.some((outcome) => counts[outcome] !== undefined);
    const all = `all ${formatNumber(finished)} ran`;
    return hasFailed ? [outcomes, all] : [`${all}: ${outcomes}`, ""];
  }
  if (finished === 0) return [selection === "affected" && selected === 0 ? "0 affected" : "", ""];
  const isPlain = counts.passed === selected;
  return isPlain
    ? [`${formatNumber(selected)} ${selection} passed`, ""]
    : [`${outcomes} of ${formatNumber(selected)} ${selection}`, ""];
}

function nameOfRest(selection: Selection, isFiltered: boolean): string {
  if (selection === "affected") return "unaffected";
  return isFiltered ? "filtered out" : "not chosen";
}

function describeBroken({ broken }: RunProgress, { tests }: RunView): string {
  if (broken.length === 0) return "";
  const files = new Set(broken.map(({ id }) => fileOf(id)));
  const count = files.size;
  const all = files;
  for (const id of tests.keys()) all.add(fileOf(id));
  return `${formatNumber(count)} of ${formatCount(all.size, "test file")} ${count === 1 && all.size === 1 ? "does" : "do"} not collect`;
}

/** What an exit code says that no test says; empty where the tests say it. */
function describeExit({ record, broken }: RunProgress, hasFailed: boolean): string {
  const exit = record?.exit ?? 0;
  if (exit === 0 || exit === NO_TESTS || broken.length > 0) return "";
  if (exit === INTERRUPTED || (exit === FAILED && hasFailed)) return "";
  return `pytest ended with exit code ${exit}`;
}

/** In few words: `patched 1`, `re-imported 212`, `cold run`; with the filter where there is one. */
function describeServed({ way, record }: RunProgress, filter: Filter): string {
  const named = describeFilter(filter);
  if (named !== "") return named;
  switch (way) {
    case "cold":
      return "cold run";
    case "warm":
      return "";
    case "patched":
      return record?.patched ? `patched ${formatNumber(record.patched)}` : "patched";
    case "resumed":
      return record?.reimported ? `re-imported ${formatNumber(record.reimported)}` : "resumed";
    case "plain":
      return "plain pytest";
    default:
      return way satisfies never;
  }
}
