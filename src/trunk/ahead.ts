import type { Ahead } from "../protocol/agent-messages.ts";

/** What one segment of a timeline tells about installed modules. */
export interface Libraries {
  readonly libraries: readonly (readonly [name: string, origin: string | null])[];
  readonly rewritten: readonly string[];
}

/** Nothing is imported ahead. */
export const NOTHING_AHEAD: Ahead = { modules: [], never: [] };

/** pytest's own modules: they are what a timeline starts with. */
const OWN = /^(?:_?pytest|pluggy|iniconfig|prewarm)(?:\.|$)/;

/**
 * What the next trunk imports ahead: all installed modules in their learned order, but for packages of which pytest rewrites
 * a module, since those have to be imported by it, and those that failed to import (their importers do without).
 */
export function learnAhead(line: readonly Libraries[], failed: readonly string[]): Ahead {
  const left = new Set(failed);
  const never = line.flatMap(({ rewritten }) => rewritten);
  const rewrittenPackages = new Set(never.map(topLevel));
  const modules = line
    .flatMap(({ libraries }) => libraries)
    .filter(([name]) => !OWN.test(name) && !left.has(name) && !rewrittenPackages.has(topLevel(name)));
  return { modules, never };
}

/** The same without these packages. None of the others may load them: that is tried, and given up where one does. */
export function withoutPackages(ahead: Ahead, names: readonly string[]): Ahead {
  const isOne = (module: string): boolean => names.some((name) => module === name || module.startsWith(`${name}.`));
  if (names.length === 0) return ahead;
  return { modules: ahead.modules.filter(([name]) => !isOne(name)), never: [...ahead.never, ...names] };
}

function topLevel(moduleName: string): string {
  return moduleName.split(".", 1)[0] ?? moduleName;
}
