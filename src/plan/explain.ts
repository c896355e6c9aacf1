import type { RunRecord } from "../protocol/events.ts";
import type { AffectedTests, KnownTest } from "./affected.ts";

/** The last decision of a watch, and what came of it. */
export interface Decided {
  /** The time of day, as a person reads it. */
  readonly at: string;
  readonly affected: AffectedTests;
  /** Whether unaffected tests were left out. */
  readonly isNarrowed: boolean;
  /** Ids of all collected tests. */
  readonly collected: ReadonlySet<string>;
  readonly tests: ReadonlyMap<string, KnownTest>;
  readonly record: RunRecord | null;
  /** Files that modules read while they are imported, each with its reader. */
  readonly readers: ReadonlyMap<string, string>;
  readonly name: (path: string) => string;
}

const MOST_LINES = 10;

/** Explains the last decision, or what it was for one test or one file, in plain words; each line stands for itself. */
export function explain(decided: Decided, about: string): readonly string[] {
  if (about === "") return explainRun(decided);
  if (decided.tests.has(about) || decided.collected.has(about)) return explainTest(decided, about);
  const path = [...pathsOf(decided)].find((each) => each === about || decided.name(each) === about);
  if (path !== undefined) return explainFile(decided, path);
  return [`${about} is neither a test nor a file that the last run of a watch has used`];
}

function explainRun({ at, affected, isNarrowed, collected, record, name }: Decided): readonly string[] {
  const lines = [`the last run of a watch, ${at}`, ...describeServed(record)];
  for (const [path, what] of [...affected.changes].slice(0, MOST_LINES))
    lines.push(row("changed", `${name(path)}: ${what}`));
  if (affected.everything !== null) return [...lines, row("all tests", affected.everything)];
  const chosen = [...collected].filter((id) => affected.reasons.has(id)).length;
  const left = isNarrowed ? `, ${collected.size - chosen} unaffected, not run` : ", all of them ran";
  lines.push(row(`affected ${chosen}`, `of ${collected.size}${left}`));
  return [...lines, ...tally([...affected.reasons.values()])];
}

function explainTest(
  { at, affected, isNarrowed, collected, tests, record, name }: Decided,
  id: string,
): readonly string[] {
  const test = tests.get(id);
  const said = test?.outcome == null ? "" : ` It ${describeOutcome(test.outcome)}.`;
  const reason = affected.reasons.get(id);
  const changes = [...affected.changes]
    .slice(0, MOST_LINES)
    .map(([path, what]) => row("changed", `${name(path)}: ${what}`));
  if (!collected.has(id)) return [`not collected at ${at}.${said}`, ...changes];
  if (reason !== undefined) {
    const state = test?.outdated ? "has not run since: outdated" : "ran";
    return [`${state} at ${at}: ${reason}.${said}`, ...changes, ...describeServed(record)];
  }
  if (!isNarrowed) return [`ran at ${at}: all tests were to run.${said}`, ...changes, ...describeServed(record)];
  return [`○ not run at ${at}: unaffected.${said}`, ...changes, row("this test", describeRecord(test))];
}

function explainFile({ at, affected, tests, record, readers, name }: Decided, path: string): readonly string[] {
  const what = affected.changes.get(path);
  const users = [...tests.values()].filter((test) => uses(test, path)).length;
  const reader = readers.get(path);
  const used = [
    ...(reader === undefined ? [] : [row("read by", `${reader} at import`)]),
    row("used by", `${users} of ${tests.size} tests execute or open something of it`),
  ];
  if (what === undefined) {
    if (affected.everything === null) return [`${name(path)} had not changed at ${at}`, ...used];
    // Where one difference lets everything run, nobody has looked for others.
    return [`${name(path)} at ${at}:`, row("all tests", affected.everything), ...used];
  }
  const lines = [`${name(path)} at ${at}: ${what}`, ...describeServed(record), ...used];
  if (affected.everything !== null) return [...lines, row("all tests", affected.everything)];
  return [...lines, row(`affected ${affected.reasons.size}`, ""), ...tally([...affected.reasons.values()])];
}

function uses({ record }: KnownTest, path: string): boolean {
  if (record === null) return false;
  if (record.opened.has(path) || record.loaded.has(path)) return true;
  for (const each of record.functions ?? []) if (each.startsWith(`${path}::`)) return true;
  return false;
}

function describeRecord(test: KnownTest | undefined): string {
  const { functions, opened } = test?.record ?? { functions: null, opened: new Map() };
  const files = `opened ${opened.size} files`;
  if (functions === null) return `is known by the modules that its file imports; it ${files}: none changed`;
  const names = [...functions];
  const modules = new Set(names.map((each) => each.slice(0, each.indexOf("::"))));
  return `executed ${names.length} functions in ${modules.size} files, ${files}: none changed`;
}

function describeServed(record: RunRecord | null): readonly string[] {
  return record === null ? [] : [row(record.way, record.reason)];
}

function describeOutcome(outcome: string): string {
  if (outcome === "error") return "ended in an error";
  return outcome === "skipped" ? "was skipped" : outcome;
}

function tally(reasons: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const sorted = [...counts].toSorted((a, b) => b[1] - a[1]);
  const lines = sorted.slice(0, MOST_LINES).map(([reason, count]) => row("", `${count} × ${reason}`));
  return sorted.length > MOST_LINES ? [...lines, row("", `… and ${sorted.length - MOST_LINES} more reasons`)] : lines;
}

function pathsOf({ affected, tests, readers }: Decided): ReadonlySet<string> {
  const paths = new Set([...affected.changes.keys(), ...readers.keys()]);
  for (const { file, record } of tests.values()) {
    paths.add(file);
    for (const each of record?.opened.keys() ?? []) paths.add(each);
    for (const each of record?.functions ?? []) paths.add(each.slice(0, each.indexOf("::")));
  }
  return paths;
}

function row(title: string, text: string): string {
  return `  ${title.padEnd(16)}  ${text}`.trimEnd();
}
