import { type AST, getStaticTOMLValue, ParseError, parseTOML } from "toml-eslint-parser";
import { failed, ok, type Result } from "../base/result.ts";

/** One key of a table, and where it stands. */
export interface TomlEntry {
  readonly key: string;
  readonly value: unknown;
  /** Counted from 1. */
  readonly line: number;
  /** Of a list: the line of each of its values. */
  readonly valueLines: readonly number[];
}

/** Why a text is no TOML. */
export interface TomlFault {
  readonly line: number;
  readonly text: string;
}

/**
 * The entries of one table in a TOML text, wherever they are written: below its header, with dotted keys, or inline. A table
 * inside of it is an entry, too. Undefined where there is no such table.
 */
export function readTable(text: string, path: readonly string[]): Result<readonly TomlEntry[] | undefined, TomlFault> {
  let program: AST.TOMLProgram;
  try {
    program = parseTOML(text);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return failed({ line: error.lineNumber, text: error.message });
  }
  const found = new Map<string, TomlEntry>();
  let isThere = path.length === 0;
  const visit = (names: readonly string[], node: AST.TOMLContentNode | AST.TOMLTable, line: number): void => {
    const depth = Math.min(names.length, path.length);
    if (names.slice(0, depth).some((name, index) => name !== path[index])) return;
    if (names.length >= path.length) isThere = true;
    if (names.length > path.length) {
      const key = names[path.length] ?? "";
      const isWhole = names.length === path.length + 1 && node.type !== "TOMLTable";
      if (!found.has(key)) found.set(key, toEntry(key, line, isWhole ? node : undefined));
      return;
    }
    if (node.type === "TOMLTable" || node.type === "TOMLInlineTable") {
      for (const pair of node.body) visit([...names, ...namesOf(pair.key)], pair.value, pair.loc.start.line);
    }
  };
  for (const node of program.body[0].body) {
    if (node.type === "TOMLTable") visit(node.resolvedKey.map(String), node, node.loc.start.line);
    else visit(namesOf(node.key), node.value, node.loc.start.line);
  }
  return ok(isThere ? [...found.values()] : undefined);
}

/** Without a node it is a table, which no key takes. */
function toEntry(key: string, line: number, node: AST.TOMLContentNode | undefined): TomlEntry {
  if (node === undefined) return { key, value: {}, line, valueLines: [] };
  const valueLines = node.type === "TOMLArray" ? node.elements.map((element) => element.loc.start.line) : [];
  return { key, value: getStaticTOMLValue(node), line, valueLines };
}

function namesOf(key: AST.TOMLKey): readonly string[] {
  return key.keys.map((part) => (part.type === "TOMLBare" ? part.name : part.value));
}
