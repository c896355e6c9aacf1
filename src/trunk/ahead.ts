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

function topLevel(moduleName: string): string {
  return moduleName.split(".", 1)[0] ?? moduleName;
}
