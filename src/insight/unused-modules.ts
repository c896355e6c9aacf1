import type { ImportFacts } from "./import-facts.ts";
import { ImportGraph, type ImportPlace, type LoadedModule, nameOf } from "./import-graph.ts";

/** What the tests of one run have executed. */
export interface ExecutedFunctions {
  /** Tests that were run. */
  readonly tests: number;
  /** Files of which one of them has executed a function. */
  readonly files: ReadonlySet<string>;
  /** Tests that have started processes: what is executed there is not seen. */
  readonly startProcesses: number;
}

/** Something that the start imports and of which no test has executed a function. */
export interface UnusedImport {
  /** A module of the application, or a package of others. */
  readonly name: string;
  /** What its own code takes at the start; of a package, all of its modules together. */
  readonly ownMs: number;
  readonly modules: number;
  readonly functions: number;
  readonly importers: readonly ImportPlace[];
}

/** What of a start's imports the tests have not used, the most expensive first. */
export interface UnusedImports {
  /** Modules of the application with functions that nobody has executed. */
  readonly modules: readonly UnusedImport[];
  /** Those of which something was executed before the tests (a decorator, a registry), and nothing by a test. */
  readonly whileImporting: readonly UnusedImport[];
  /** Packages of others that the project's own files import. */
  readonly packages: readonly UnusedImport[];
  /** Modules of the application without a function: nobody can tell whether their constants and classes are used. */
  readonly withoutFunctions: readonly UnusedImport[];
}

/** Compares what a start has imported with what the tests have executed of it. */
export function findUnused(facts: ImportFacts, { files }: ExecutedFunctions): UnusedImports {
  const graph = new ImportGraph(facts);
  const byFile = new Map((facts.functions ?? []).map(([file, count, hasRun]) => [file, { count, hasRun }]));
  const own = graph.modules.filter(({ name, kind, file }) => kind === "application" && name !== "" && file !== null);
  const judged = own.flatMap((module) => {
    const known = byFile.get(module.file ?? "");
    if (known === undefined || files.has(module.file ?? "")) return [];
    const { name, ownMs } = module;
    const found = { name, ownMs, modules: 1, functions: known.count, importers: graph.importersOf(module) };
    return [{ found, hasRun: known.hasRun }];
  });
  const ranked = (wanted: (each: (typeof judged)[number]) => boolean) =>
    judged
      .filter(wanted)
      .map(({ found }) => found)
      .toSorted(expensiveFirst);
  return {
    modules: ranked(({ found, hasRun }) => found.functions > 0 && !hasRun),
    whileImporting: ranked(({ found, hasRun }) => found.functions > 0 && hasRun),
    withoutFunctions: ranked(({ found }) => found.functions === 0),
    packages: unusedPackages(graph, facts, files),
  };
}

// Python's own library is left out: nobody can do without it, and it costs what it costs.
function unusedPackages(graph: ImportGraph, facts: ImportFacts, files: ReadonlySet<string>): readonly UnusedImport[] {
  const functions = new Map((facts.functions ?? []).map(([file, count]) => [file, count]));
  const installed = graph.modules.filter(({ file }) => /\/(?:site|dist)-packages\//.test(file ?? ""));
  return [...Map.groupBy(installed, nameOf)]
    .filter(([, modules]) => !modules.some(({ file }) => files.has(file ?? "")))
    .map(([name, modules]) => ({
      name,
      ownMs: modules.reduce((sum, { ownMs }) => sum + ownMs, 0),
      modules: modules.length,
      functions: modules.reduce((sum, { file }) => sum + (functions.get(file ?? "") ?? 0), 0),
      importers: distinct(modules.flatMap((module) => graph.importersOf(module))),
    }))
    .filter((found) => found.functions > 0 && found.importers.length > 0)
    .toSorted(expensiveFirst);
}

function distinct(places: readonly ImportPlace[]): readonly ImportPlace[] {
  return [...new Map(places.toReversed().map((place) => [place.file, place])).values()].toReversed();
}

function expensiveFirst(one: Pick<LoadedModule, "ownMs">, other: Pick<LoadedModule, "ownMs">): number {
  return other.ownMs - one.ownMs;
}
