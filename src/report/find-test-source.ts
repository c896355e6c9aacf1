import type { NodeId } from "../protocol/ids.ts";
import { fileOf, nameOf } from "./format-failure.ts";

/** Some lines of a file; `line` is the number of the first one, from 1. */
export interface SourcePart {
  readonly line: number;
  readonly lines: readonly string[];
}

const LONGEST_PART = 400;

/** A test's own lines in the text of its file, with its decorators; undefined where no such definition stands there. */
export function findTestSource(id: string, text: string): SourcePart | undefined {
  if (!fileOf(id).endsWith(".py")) return undefined;
  const lines = text.split("\n");
  // Parameters may hold any characters: the names are what stands before them.
  const names = nameOf(id as NodeId)
    .split("[", 1)
    .join("")
    .split("::");
  let from = 0;
  let until = lines.length;
  for (const name of names) {
    const definition = new RegExp(`^\\s*(?:async\\s+def|def|class)\\s+${escapeName(name)}(?![\\w\\u0080-\\uffff])`);
    const at = lines.findIndex((line, index) => index >= from && index < until && definition.test(line));
    if (at === -1) return undefined;
    from = at;
    until = endOf(lines, at);
  }
  const first = decoratorsOf(lines, from);
  return { line: first + 1, lines: lines.slice(first, Math.min(until, first + LONGEST_PART)) };
}

/** The line behind the block that begins here: the first one that is not indented deeper, without blank lines before it. */
function endOf(lines: readonly string[], at: number): number {
  const depth = depthOf(lines[at] ?? "");
  let isInText = false;
  let end = at;
  for (; end < lines.length; end += 1) {
    const line = lines[end] ?? "";
    // A signature over several lines ends with a bracket at the depth of its beginning; a text has any depth.
    const isInside = isInText || line.trim() === "" || depthOf(line) > depth || /^\s*[)\]}]/.test(line);
    if (end > at && !isInside) break;
    const quotes = line.match(/"""|'''/g)?.length ?? 0;
    if (quotes % 2 === 1) isInText = !isInText;
  }
  while (end > at + 1 && lines[end - 1]?.trim() === "") end -= 1;
  return end;
}

/** The first line of the decorators above a definition. */
function decoratorsOf(lines: readonly string[], at: number): number {
  const depth = depthOf(lines[at] ?? "");
  let first = at;
  for (let index = at - 1; index >= 0; index -= 1) {
    const line = lines[index] ?? "";
    const isDecorator = depthOf(line) === depth && line.trim().startsWith("@");
    const isWithin = depthOf(line) > depth || /^\s*[)\]}]/.test(line);
    if (line.trim() === "" || (!isDecorator && !isWithin)) break;
    if (isDecorator) first = index;
  }
  return first;
}

function depthOf(line: string): number {
  return line.length - line.trimStart().length;
}

function escapeName(name: string): string {
  return name.replaceAll(/[^\w]/g, "\\$&");
}
