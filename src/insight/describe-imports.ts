import { formatCount, formatNumber } from "../report/format-count.ts";
import { formatTime } from "../report/format-time.ts";
import type { ImportFacts, ModuleKind } from "./import-facts.ts";
import { ImportGraph, type LoadedModule, nameOf } from "./import-graph.ts";
import { shortPath } from "./short-path.ts";

const BAR_CELLS = 20;
const TIME_CELLS = 8;
const MOST_PACKAGES = 6;
const MOST_LAZY = 10;

/** A group of modules, and what their own code took. */
interface Share {
  readonly name: string;
  readonly ms: number;
  readonly modules: number;
}

/** What a start costs: a tree by whose modules they are, and what would save most if it were imported on first use. */
export function describeImports(facts: ImportFacts, command: string): readonly string[] {
  const graph = new ImportGraph(facts);
  const line = (ms: number, branch: string, text: string) => `${timeAndBar(ms, facts.totalMs)}  ${branch}${text}`;
  const of = (kind: ModuleKind) => graph.modules.filter((module) => module.kind === kind && module.name !== "");
  const packages = shares(of("third-party"));
  const rest = packages.slice(MOST_PACKAGES);
  const application = of("application");
  const imported = sum(graph.modules);
  const kinds: readonly (readonly [string, readonly LoadedModule[]])[] = [
    ["conftests", of("conftest")],
    ["tests", of("test")],
  ];
  return [
    line(
      facts.totalMs,
      "",
      `${command}: ${formatCount(facts.tests, "test")}, ${formatCount(graph.modules.length, "module")}`,
    ),
    line(
      sum(of("third-party")),
      "├ ",
      `third-party, Python's own included   ${formatCount(packages.length, "package")}`,
    ),
    ...packages
      .slice(0, MOST_PACKAGES)
      .map(({ name, ms }) => line(ms, "│ ├ ", `${name}${firstPlace(facts, graph, name)}`)),
    ...describeRest(rest).map(([ms, text]) => line(ms, "│ └ ", text)),
    line(
      sum(application),
      "├ ",
      `application   ${formatCount(application.length, "module")}${mostByItself(application)}`,
    ),
    ...kinds.map(([name, modules]) =>
      line(sum(modules), "├ ", `${name}   ${formatCount(modules.length, "file")}${mostByItself(modules)}`),
    ),
    line(Math.max(0, facts.totalMs - imported), "└ ", "pytest's own work: options, plugins, collecting"),
    ...describeLazy(graph, facts.root),
  ];
}

function describeRest(rest: readonly Share[]): readonly (readonly [ms: number, text: string])[] {
  if (rest.length === 0) return [];
  return [[rest.reduce((all, { ms }) => all + ms, 0), `… ${formatNumber(rest.length)} more`]];
}

function describeLazy(graph: ImportGraph, root: string): readonly string[] {
  const candidates = graph.lazyCandidates(MOST_LAZY);
  if (candidates.length === 0) return ["nothing would be saved by importing it on first use"];
  return [
    "would save most if imported on first use:",
    ...candidates.map(({ name, savesMs, modules, importers }, index) => {
      const [first] = importers;
      const place = first === undefined ? "" : `${shortPath(first.file, root)}:${first.line}`;
      const who =
        importers.length === 1 ? `only ${place} imports it` : `${importers.length} files import it, ${place} is one`;
      return `${String(index + 1).padStart(2)}  ${formatTime(savesMs).padStart(TIME_CELLS)}  ${name} (${formatCount(modules, "module")}): ${who}`;
    }),
  ];
}

/** The file of the project by which a package was first needed. */
function firstPlace({ modules, root }: ImportFacts, graph: ImportGraph, name: string): string {
  let index = graph.modules.findIndex((module) => module.kind === "third-party" && nameOf(module) === name);
  for (let row = modules[index]; row !== undefined; index = row[2], row = modules[index]) {
    const [, , parent, file, line] = row;
    const isProjects = parent !== -1 && graph.modules[parent]?.kind !== "third-party";
    if (isProjects) return `   first by ${shortPath(file, root)}:${line}`;
  }
  return "";
}

function shares(modules: readonly LoadedModule[]): readonly Share[] {
  return [...Map.groupBy(modules, nameOf)]
    .map(([name, own]) => ({ name, ms: sum(own), modules: own.length }))
    .toSorted((one, other) => other.ms - one.ms);
}

function mostByItself(modules: readonly LoadedModule[]): string {
  const most = modules.toSorted((one, other) => other.ownMs - one.ownMs)[0];
  return most === undefined ? "" : `; most by itself: ${most.name} ${formatTime(most.ownMs)}`;
}

function sum(modules: readonly LoadedModule[]): number {
  return modules.reduce((all, { ownMs }) => all + ownMs, 0);
}

function timeAndBar(ms: number, allMs: number): string {
  const cells = Math.round((BAR_CELLS * ms) / Math.max(allMs, 1));
  return `${formatTime(ms).padStart(TIME_CELLS)} ${"▇".repeat(cells).padEnd(BAR_CELLS)}`;
}
