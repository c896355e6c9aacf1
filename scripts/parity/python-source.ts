/** A piece of Python code that an edit may change; `start` and `end` are offsets into the source. */
export interface Token {
  readonly kind: "name" | "number" | "string" | "operator" | "comment";
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** 1 for the first line. */
  readonly line: number;
  /** Columns of white space before the logical line that the token is on. */
  readonly indent: number;
  /** True where the token is the first of its logical line. */
  readonly opensLine: boolean;
}

const patterns: readonly (readonly [Token["kind"], RegExp])[] = [
  ["comment", /#[^\n]*/y],
  ["string", /(?:[rbuft]{0,2})("""|''')(?:\\[\s\S]|(?!\1)[\s\S])*\1/iy],
  ["string", /(?:[rbuft]{0,2})(?:"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*')/iy],
  ["number", /\d[\w.]*/y],
  ["name", /[\p{L}_][\p{L}\p{N}_]*/uy],
  ["operator", /==|!=|<=|>=|->|:=|\*\*|\/\/|<<|>>|[^\s\w]/y],
];

/** Splits Python source into tokens. It is no parser: it must only never take text inside a string or comment for code. */
export function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let position = 0;
  let line = 1;
  let depth = 0;
  let indent = 0;
  let opensLine = true;
  while (position < source.length) {
    const space = /[ \t\f]*/y;
    space.lastIndex = position;
    const width = space.exec(source)?.[0].length ?? 0;
    if (opensLine) indent = width;
    position += width;
    const character = source[position];
    if (character === undefined) break;
    if (character === "\n" || character === "\r") {
      if (character === "\n") line += 1;
      position += 1;
      if (depth === 0) opensLine = true;
      continue;
    }
    if (character === "\\" && /\r?\n/y.test(source.slice(position + 1, position + 3))) {
      position = source.indexOf("\n", position) + 1;
      line += 1;
      continue;
    }
    const [kind, text] = match(source, position);
    if (text === "(" || text === "[" || text === "{") depth += 1;
    if (text === ")" || text === "]" || text === "}") depth = Math.max(0, depth - 1);
    tokens.push({ kind, text, start: position, end: position + text.length, line, indent, opensLine });
    line += text.split("\n").length - 1;
    position += text.length;
    if (kind !== "comment") opensLine = false;
  }
  return tokens;
}

function match(source: string, position: number): readonly [Token["kind"], string] {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = position;
    const found = pattern.exec(source);
    if (found !== null) return [kind, found[0]];
  }
  return ["operator", source.slice(position, position + 1)];
}

/** Offset at which a line may be inserted at the top level: after docstring and `from __future__` imports, before all else. */
export function topInsertOffset(source: string): number {
  let offset = 0;
  let inFuture = false;
  for (const token of tokenize(source)) {
    if (token.opensLine) {
      const isDocstring = token.kind === "string" && token.indent === 0;
      const isFuture = source.startsWith("from __future__", token.start);
      if (!isDocstring && !isFuture && token.kind !== "comment") break;
      inFuture = isFuture;
    }
    if (token.opensLine || inFuture) offset = lineEnd(source, token.end);
  }
  return offset;
}

/** Offset just after the line break that ends the line at `position`. */
function lineEnd(source: string, position: number): number {
  const end = source.indexOf("\n", position);
  return end === -1 ? source.length : end + 1;
}
