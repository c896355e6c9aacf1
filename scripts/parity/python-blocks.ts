import { type Token, tokenize } from "./python-source.ts";

/** A function or class of a Python source whose body begins on a line of its own; all numbers but `indent` are offsets. */
export interface Block {
  readonly kind: "def" | "class";
  readonly name: string;
  readonly nameStart: number;
  /** Columns before the `def` or `class`. */
  readonly indent: number;
  /** The beginning of the line with the `def` or `class`, decorators not included. */
  readonly start: number;
  /** Numbers that are default values of parameters. */
  readonly defaults: readonly Token[];
  /** Where a statement may be inserted: after the docstring, if there is one. */
  readonly bodyStart: number;
  readonly bodyIndent: number;
  /** Whether a decorator precedes it. */
  readonly isDecorated: boolean;
}

/** Finds what can be found by its tokens alone; a block on one line with its header is left out. */
export function blocksOf(source: string): readonly Block[] {
  const tokens = tokenize(source);
  return tokens.flatMap((token, index) => {
    const isAsync = token.text === "async" && tokens[index + 1]?.text === "def";
    const keyword = isAsync ? tokens[index + 1] : token;
    if (!token.opensLine || (keyword?.text !== "def" && keyword?.text !== "class")) return [];
    return blockAt(source, tokens, index, keyword.text, index + (isAsync ? 2 : 1)) ?? [];
  });
}

function blockAt(
  source: string,
  tokens: readonly Token[],
  first: number,
  kind: "def" | "class",
  nameIndex: number,
): Block | undefined {
  const opening = tokens[first];
  const name = tokens[nameIndex];
  const next = tokens.findIndex((each, index) => index > first && each.opensLine && each.kind !== "comment");
  const body = tokens[next];
  if (opening === undefined || name === undefined || body === undefined || body.indent <= opening.indent) return;
  const isDocstring = body.kind === "string" && tokens[next + 1]?.opensLine !== false;
  const header = tokens.slice(nameIndex, next);
  return {
    kind,
    name: name.text,
    nameStart: name.start,
    indent: opening.indent,
    start: lineStart(source, opening.start),
    defaults: header.filter((each, index) => each.kind === "number" && header[index - 1]?.text === "="),
    bodyStart: isDocstring ? source.indexOf("\n", body.end) + 1 || source.length : lineStart(source, body.start),
    bodyIndent: body.indent,
    isDecorated: tokens[previousLine(tokens, first)]?.text === "@",
  };
}

function previousLine(tokens: readonly Token[], index: number): number {
  for (let place = index - 1; place >= 0; place -= 1) if (tokens[place]?.opensLine === true) return place;
  return -1;
}

function lineStart(source: string, offset: number): number {
  return source.lastIndexOf("\n", offset - 1) + 1;
}
