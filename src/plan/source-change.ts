import type { SourceFacts } from "../protocol/sources.ts";

/** One file, before and now; null where there was or is none that was loaded. */
export interface SourceVersions {
  readonly path: string;
  readonly before: SourceFacts | null;
  readonly now: SourceFacts | null;
}

/** What a change of a source file can reach. `what` says it in words, such as `body of discount()`. */
export type SourceChange =
  | { readonly kind: "none"; readonly what: string }
  /** Only bodies of these functions differ, and none of them ran while the program was loaded. */
  | { readonly kind: "bodies"; readonly functions: readonly string[]; readonly what: string }
  /** Something that runs in an import; with `isTrace` also what the import leaves in other modules. */
  | { readonly kind: "module"; readonly isTrace: boolean; readonly what: string }
  | { readonly kind: "everything"; readonly what: string };

/** Which functions of a file ran outside of tests, or null where that is not known: then all of them may have. */
export type RanOutside = ReadonlySet<string> | null;

const MOST_NAMED = 3;

/** Compares two versions of a file, function by function. */
export function classifySource({ before, now }: SourceVersions, ranOutside: RanOutside): SourceChange {
  const existing = now ?? before;
  if (existing === null) return { kind: "none", what: "nothing" };
  if (before === null || now === null) {
    const what = before === null ? "loaded for the first time" : "not loaded any more";
    if (existing.module === null || definesHook(existing)) return { kind: "everything", what };
    return { kind: "module", isTrace: existing.left.digest !== "", what };
  }
  if (before.module === null || now.module === null) return { kind: "everything", what: "does not compile" };
  if (before.module !== now.module || !sameNames(before, now)) {
    const what = describeModuleChange(before, now);
    if (definesHook(before) || definesHook(now)) return { kind: "everything", what: `${what}, in a file with hooks` };
    return { kind: "module", isTrace: before.left.digest !== now.left.digest, what };
  }
  const functions = Object.keys(now.functions).filter((name) => before.functions[name] !== now.functions[name]);
  if (functions.length === 0) return { kind: "none", what: "comments and formatting" };
  const what = `body of ${listNames(functions)}`;
  const early = functions.filter((name) => ranOutside === null || ranOutside.has(name));
  if (early.length === 0) return { kind: "bodies", functions, what };
  if (early.some((name) => lastPart(name).startsWith("pytest_"))) return { kind: "everything", what };
  const keeping = new Set([...before.keepers, ...now.keepers]);
  const isTrace = early.some((name) => keeping.has(name));
  // What a function did while importing, in whatever module, cannot be told from its text.
  if (isTrace && ranOutside !== null) return { kind: "everything", what: `${what}, which ran while importing` };
  const when = ranOutside === null ? "" : ", which ran while importing";
  return { kind: "module", isTrace: true, what: `${what}${when}` };
}

/** Hooks act on tests wherever they are. */
function definesHook({ functions }: SourceFacts): boolean {
  return Object.keys(functions).some((name) => lastPart(name).startsWith("pytest_"));
}

function sameNames(before: SourceFacts, now: SourceFacts): boolean {
  const names = Object.keys(before.functions);
  return names.length === Object.keys(now.functions).length && names.every((name) => name in now.functions);
}

function describeModuleChange(before: SourceFacts, now: SourceFacts): string {
  const gone = Object.keys(before.functions).filter((name) => !(name in now.functions));
  const added = Object.keys(now.functions).filter((name) => !(name in before.functions));
  if (gone.length > 0 && added.length > 0) return `${listNames(gone)} gone, ${listNames(added)} new`;
  if (gone.length > 0) return `${listNames(gone)} gone`;
  if (added.length > 0) return `new function ${listNames(added)}`;
  return "module or class level";
}

function listNames(names: readonly string[]): string {
  const named = names.slice(0, MOST_NAMED).map((name) => `${name.replaceAll(".<locals>", "")}()`);
  const more = names.length - named.length;
  return named.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
