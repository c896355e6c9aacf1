import type { Outcome } from "../protocol/events.ts";
import { classifySource, type RanOutside, type SourceChange, type SourceVersions } from "./source-change.ts";

/** Functions of the project, as `path::qualified name`. */
export interface Functions extends Iterable<string> {
  readonly has: (name: string) => boolean;
}

/** What one test did when it ran last, with the files as they were then. */
export interface TestRecord {
  /** The functions that it or its fixtures executed, and perhaps some that it did not; null where not all are known. */
  readonly functions: Functions | null;
  /** Files and folders that it or its fixtures opened, each with the version that it found. */
  readonly opened: ReadonlyMap<string, string>;
  /** Source files that were loaded while it ran. */
  readonly loaded: ReadonlySet<string>;
  /** Why it has to run after every edit, or empty. */
  readonly always: string;
}

/** One test of the suite as it was known before the edit. */
export interface KnownTest {
  /** The absolute path of the file in which it was collected. */
  readonly file: string;
  readonly outcome: Outcome | null;
  readonly record: TestRecord | null;
  /** Why an earlier edit affects it, after which it has not run; empty where it has. */
  readonly outdated: string;
}

/** How far a change reaches, as the graph of the source files answers it. */
export interface Graph {
  /** Whether it is a source file whose text was read. */
  readonly has: (path: string) => boolean;
  readonly traceOf: (path: string) => string;
  readonly reach: (nodes: Iterable<string>) => { readonly files: ReadonlySet<string>; readonly shared: string | null };
}

/** What an edit has changed. */
export interface Changes {
  readonly sources: readonly SourceVersions[];
  /** The version that each file has now that was opened by a test. */
  readonly versions: ReadonlyMap<string, string>;
  /** Why every test has to run, whatever the files say; null where nothing of that kind has changed. */
  readonly everything: string | null;
}

/** Which tests an edit can affect, and why; a test that is in none has its last outcome for the files as they are now. */
export interface AffectedTests {
  /** Why all of them, or null. */
  readonly everything: string | null;
  readonly reasons: ReadonlyMap<string, string>;
  /** What has changed, in words, by file. */
  readonly changes: ReadonlyMap<string, string>;
}

/** Decides which tests an edit can affect. In doubt a test is affected. */
export function findAffected(
  tests: ReadonlyMap<string, KnownTest>,
  changes: Changes,
  graph: Graph,
  ranOutside: (path: string) => RanOutside,
  keepers: ReadonlyMap<string, string>,
  name: (path: string) => string,
): AffectedTests {
  const described = new Map<string, string>();
  const found = changes.sources.map((versions) => {
    const change = classifySource(versions, ranOutside(versions.path));
    if (change.kind !== "none") described.set(versions.path, change.what);
    return { path: versions.path, change };
  });
  const everything = changes.everything ?? reasonForEverything(found, graph, name);
  const reasons = new Map<string, string>();
  if (everything === null) {
    const reached = graph.reach(found.flatMap(({ path, change }) => nodesOf(path, change, graph)));
    const where = modulesIn(found, graph);
    const bodies = changedBodies(found);
    const inModules = functionsIn(found, changes.sources);
    const opening: KnownTest[] = [];
    for (const [id, test] of tests) {
      const opened = openedReason(test, changes.versions, name);
      if (opened !== null) opening.push(test);
      const reason =
        ownReason(test) ??
        opened ??
        reasonOfRecord(test, bodies, inModules, reached.files, where, name, described, graph.has);
      if (reason !== null) reasons.set(id, reason);
    }
    addWhatIsKept(tests, reasons, bodies, opening, graph, keepers, name);
    addAllAfterError(tests, reasons);
  } else {
    for (const id of tests.keys()) reasons.set(id, everything);
  }
  return { everything, reasons, changes: described };
}

/** Of many changed modules only as many are told apart in reasons. */
const MOST_TOLD_APART = 20;

/** A module of which more has changed than bodies, and the files that it reaches. */
interface ChangedModule {
  readonly path: string;
  readonly files: ReadonlySet<string>;
}

function modulesIn(found: Found, graph: Graph): readonly ChangedModule[] {
  return found
    .filter(({ change }) => change.kind === "module")
    .map(({ path, change }, place) => {
      const files = place < MOST_TOLD_APART ? graph.reach(nodesOf(path, change, graph)).files : new Set<string>();
      return { path, files };
    });
}

type Found = readonly { readonly path: string; readonly change: SourceChange }[];

function reasonForEverything(found: Found, graph: Graph, name: (path: string) => string): string | null {
  for (const { path, change } of found) {
    if (change.kind === "everything") return `${name(path)}: ${change.what}`;
    const { shared } = graph.reach(nodesOf(path, change, graph));
    if (shared === path) return `${name(path)}: ${change.what}, which all tests share`;
    if (shared !== null) return `${name(path)}: ${change.what}; ${name(shared)} uses it, which all tests share`;
  }
  return null;
}

function nodesOf(path: string, change: SourceChange, graph: Graph): readonly string[] {
  if (change.kind !== "module") return [];
  return change.isTrace ? [path, graph.traceOf(path)] : [path];
}

/** The changed functions, and the file that each is in. */
function changedBodies(found: Found): ReadonlyMap<string, string> {
  const bodies = new Map<string, string>();
  for (const { path, change } of found) {
    if (change.kind === "bodies") for (const each of change.functions) bodies.set(`${path}::${each}`, path);
  }
  return bodies;
}

/** All functions of the files of which more has changed than bodies: what they use there may be another. */
function functionsIn(found: Found, sources: readonly SourceVersions[]): ReadonlyMap<string, string> {
  const changed = new Set(found.filter(({ change }) => change.kind === "module").map(({ path }) => path));
  const functions = new Map<string, string>();
  for (const { path, before, now } of sources) {
    if (!changed.has(path)) continue;
    for (const each of Object.keys({ ...before?.functions, ...now?.functions }))
      functions.set(`${path}::${each}`, path);
  }
  return functions;
}

function openedReason(
  { record }: KnownTest,
  versions: ReadonlyMap<string, string>,
  name: (path: string) => string,
): string | null {
  for (const [path, version] of record?.opened ?? []) if (versions.get(path) !== version) return `opens ${name(path)}`;
  return null;
}

function ownReason({ outcome, record, outdated }: KnownTest): string | null {
  if (outdated !== "") return outdated;
  if (outcome === null) return "its last outcome is not known";
  if (record === null) return "it is not known what it depends on";
  return record.always === "" ? null : record.always;
}

function reasonOfRecord(
  { file, record }: KnownTest,
  bodies: ReadonlyMap<string, string>,
  inModules: ReadonlyMap<string, string>,
  reached: ReadonlySet<string>,
  where: readonly ChangedModule[],
  name: (path: string) => string,
  described: ReadonlyMap<string, string>,
  isSource: (path: string) => boolean,
): string | null {
  if (record === null) return null;
  for (const path of described.keys()) if (record.loaded.has(path)) return `loads ${name(path)}`;
  const first = where[0];
  if (first !== undefined) {
    const importedBy = (path: string) => name((where.find(({ files }) => files.has(path)) ?? first).path);
    if (reached.has(file))
      return where.some(({ path }) => path === file) ? "its file has changed" : `imports ${importedBy(file)}`;
    for (const path of record.loaded)
      if (reached.has(path)) return `loads ${name(path)}, which imports ${importedBy(path)}`;
    // A doctest in a text file, or what a plugin makes of another kind of file.
    if (!isSource(file)) return `what ${name(file)} imports is not known`;
    for (const [each, path] of inModules) {
      if (record.functions?.has(each)) return `executes ${each.slice(path.length + 2)}() of ${name(path)}`;
    }
  }
  if (record.functions === null) return bodies.size === 0 ? null : "not all that it executes is known";
  for (const [each, path] of bodies) {
    if (record.functions.has(each)) return `executes ${each.slice(path.length + 2)}() of ${name(path)}`;
  }
  return null;
}

/** Where the end of a shared fixture fails depends on which tests run: after an error in one, all of them do. */
function addAllAfterError(tests: ReadonlyMap<string, KnownTest>, reasons: Map<string, string>): void {
  if (reasons.size === 0) return;
  const failed = [...tests].find(([, { outcome }]) => outcome === "error")?.[0];
  if (failed === undefined) return;
  for (const id of tests.keys())
    if (!reasons.has(id)) reasons.set(id, `${failed} ended in an error of set-up or tear-down`);
}

/**
 * A result that one test has left in a cache is found by another without executing what it came from. Who refers to the
 * module of a function that keeps something, and to the changed file, is affected, too; and so on from there.
 */
function addWhatIsKept(
  tests: ReadonlyMap<string, KnownTest>,
  reasons: Map<string, string>,
  bodies: ReadonlyMap<string, string>,
  opening: readonly KnownTest[],
  graph: Graph,
  keepers: ReadonlyMap<string, string>,
  name: (path: string) => string,
): void {
  if (bodies.size === 0 && opening.length === 0) return;
  const able = graph.reach(new Set(bodies.values()));
  // Which source file refers to a data file nobody can tell.
  const isAble = (file: string) => opening.length > 0 || able.shared !== null || able.files.has(file);
  let next = [...tests.values()].filter(({ record }) =>
    [...bodies.keys()].some((each) => record?.functions?.has(each)),
  );
  next.push(...opening);
  const kept = new Set<string>();
  while (next.length > 0) {
    const before = kept.size;
    for (const { record } of next) {
      if (record === null) continue;
      // Where it is not known what was executed, it may have been any of them.
      for (const [each, path] of keepers) if (record.functions?.has(each) !== false) kept.add(path);
    }
    if (kept.size === before) return;
    const { files, shared } = graph.reach(kept);
    next = [];
    for (const [id, test] of tests) {
      if (reasons.has(id) || !isAble(test.file) || !(shared !== null || files.has(test.file))) continue;
      const holder = [...kept].find((path) => graph.reach([path]).files.has(test.file)) ?? "";
      reasons.set(id, `${name(holder)} may keep a result of what has changed`);
      next.push(test);
    }
  }
}
