import { formatCount } from "../report/format-count.ts";
import { formatTime } from "../report/format-time.ts";
import type { ImportFacts } from "./import-facts.ts";
import type { ImportPlace } from "./import-graph.ts";
import { shortPath } from "./short-path.ts";
import type { ExecutedFunctions, UnusedImport, UnusedImports } from "./unused-modules.ts";

const TIME_CELLS = 8;
const MOST = 20;

/** What is imported and not used, in lists of one kind each, and what nobody can tell. */
export function describeUnused(unused: UnusedImports, executed: ExecutedFunctions, facts: ImportFacts): string[] {
  const { modules, whileImporting, packages } = unused;
  const list = (title: string, some: readonly UnusedImport[]) =>
    some.length === 0 ? [] : [title, ...entries(some, facts.root)];
  const ran = `${formatCount(executed.tests, "test")} in one run`;
  return [
    ...list(`no test ran a function of these modules of the application (${ran}; own import time):`, modules),
    ...(modules.length === 0 ? [`of every module of the application that has functions, one was run (${ran})`] : []),
    ...list("a function of these ran while they were imported, and none in a test:", whileImporting),
    ...list("no test ran a function of these packages, which files of the project import:", packages),
    ...describeUnknown(unused, executed, facts),
  ];
}

function entries(some: readonly UnusedImport[], root: string): string[] {
  const lines = some.slice(0, MOST).map(({ name, ownMs, modules, functions, importers }, index) => {
    const size = modules === 1 ? formatCount(functions, "function") : formatCount(modules, "module");
    return `${String(index + 1).padStart(2)}  ${formatTime(ownMs).padStart(TIME_CELLS)}  ${name} (${size})${who(importers, root)}`;
  });
  const rest = some.slice(MOST);
  const restMs = rest.reduce((sum, { ownMs }) => sum + ownMs, 0);
  return rest.length === 0
    ? lines
    : [...lines, `    ${formatTime(restMs).padStart(TIME_CELLS)}  … ${rest.length} more`];
}

/** Which files of the project import something: `: only app/main.py:3 imports it`. */
function who(importers: readonly ImportPlace[], root: string): string {
  const [first] = importers;
  if (first === undefined) return "";
  const place = `${shortPath(first.file, root)}:${first.line}`;
  return importers.length === 1
    ? `: only ${place} imports it`
    : `: ${importers.length} files import it, ${place} is one`;
}

function describeUnknown(
  { withoutFunctions }: UnusedImports,
  executed: ExecutedFunctions,
  facts: ImportFacts,
): string[] {
  const lines = ["not told: what is used of a module without running a function of it, and functions in C"];
  if (withoutFunctions.length > 0) {
    const ms = withoutFunctions.reduce((sum, { ownMs }) => sum + ownMs, 0);
    const [most] = withoutFunctions;
    lines.push(
      `  ${formatCount(withoutFunctions.length, "module")} without functions (constants, classes without methods, imports of others): ${formatTime(ms)}, ${most?.name ?? ""} most`,
    );
  }
  if (executed.startProcesses > 0)
    lines.push(`  what ran in the processes that ${formatCount(executed.startProcesses, "test")} started`);
  if (executed.tests < facts.tests)
    lines.push(`  what ${formatCount(facts.tests - executed.tests, "test")} would use that did not run`);
  return lines;
}
