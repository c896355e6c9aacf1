import type { FileChange, ProjectTree, WriteStyle } from "../project-tree.ts";
import type { Random } from "../random.ts";

/** One edit, as a person or a tool would make it. */
export interface Edit {
  readonly kind: string;
  /** Applied in order. */
  readonly changes: readonly FileChange[];
  /** What changed, for the step's line. */
  readonly note: string;
  /** True where little can be tested until it is taken back: the next step takes it back. */
  readonly isBreaking: boolean;
}

/** What a maker of edits may look at. */
export interface EditContext {
  readonly tree: ProjectTree;
  readonly random: Random;
  /** Edits stay under these folders or files, relative to the project; empty for everywhere. */
  readonly scope: readonly string[];
  /** Different in each step: makes new names unique. */
  readonly serial: number;
}

/** Makes an edit of its kind, or undefined where the project offers nothing to edit so. */
export type EditMaker = (context: EditContext) => Edit | undefined;

/** The files under the scope for which `accepts` holds. */
export function filesInScope(context: EditContext, accepts: (path: string) => boolean): readonly string[] {
  return context.tree.files().filter((path) => isInScope(context, path) && accepts(path));
}

function isInScope(context: EditContext, path: string): boolean {
  if (context.scope.length === 0) return true;
  return context.scope.some((prefix) => path === prefix || path.startsWith(`${prefix.replace(/\/$/, "")}/`));
}

/** True for a file that pytest takes for a test file by its default patterns. */
export function isTestFile(path: string): boolean {
  return /(^|\/)(test_[^/]*|[^/]*_test)\.py$/.test(path);
}

/** True for Python files other than conftests and `__init__.py`. */
export function isOrdinaryPython(path: string): boolean {
  return path.endsWith(".py") && !/(^|\/)(conftest|__init__)\.py$/.test(path);
}

/** A module in about two of three draws and a test file otherwise, or undefined where there is neither. */
export function pickPython(context: EditContext): string | undefined {
  const wantsTest = context.random.chance(0.35);
  const all = filesInScope(context, isOrdinaryPython);
  const preferred = all.filter((path) => isTestFile(path) === wantsTest);
  return context.random.pick(preferred.length > 0 ? preferred : all);
}

/** Writes text in a way of writing that is drawn at random. */
export function write(context: EditContext, path: string, text: string): FileChange {
  const styles: readonly WriteStyle[] = ["in-place", "atomic", "recreate"];
  return { kind: "write", path, content: Buffer.from(text), style: context.random.pick(styles) ?? "in-place" };
}

/** An edit that can stay. */
export function lasting(kind: string, note: string, ...changes: readonly FileChange[]): Edit {
  return { kind, note, changes, isBreaking: false };
}

/** An edit that the next step takes back. */
export function breaking(kind: string, note: string, ...changes: readonly FileChange[]): Edit {
  return { kind, note, changes, isBreaking: true };
}
