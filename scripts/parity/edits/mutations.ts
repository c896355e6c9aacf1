import { type Token, tokenize, topInsertOffset } from "../python-source.ts";
import { type EditMaker, filesInScope, isOrdinaryPython, lasting, pickPython, write } from "./edit.ts";

const swaps: ReadonlyMap<string, string> = new Map([
  ["==", "!="],
  ["!=", "=="],
  ["<=", "<"],
  [">=", ">"],
  ["True", "False"],
  ["False", "True"],
  ["and", "or"],
  ["or", "and"],
]);

/** Changes a number inside a function or class. */
export const bodyConstant: EditMaker = (context) => {
  return replaceToken("body-constant", context, (token) =>
    token.indent > 0 && isSmallNumber(token) ? String(Number(token.text) + 1 + context.random.below(3)) : undefined,
  );
};

/** Turns a comparison or a truth value inside a function round. */
export const bodyComparison: EditMaker = (context) => {
  return replaceToken("body-comparison", context, (token) =>
    token.indent > 0 && token.kind !== "string" && token.kind !== "comment" ? swaps.get(token.text) : undefined,
  );
};

/** Changes a number or a string that a module assigns at its top level, or gives the module such a constant. */
export const moduleConstant: EditMaker = (context) => {
  const path = pickPython(context);
  if (path === undefined) return undefined;
  const source = context.tree.read(path);
  const token = context.random.pick(topLevelValues(tokenize(source)));
  if (token === undefined) {
    const offset = topInsertOffset(source);
    const line = `PARITY_CONSTANT_${context.serial} = ${context.random.below(100)}\n`;
    return lasting("module-constant", `${path} (new)`, write(context, path, splice(source, offset, offset, line)));
  }
  const quote = token.text.slice(-1);
  const text = token.kind === "number" ? String(Number(token.text) + 1) : `${token.text.slice(0, -1)}~${quote}`;
  const changed = splice(source, token.start, token.end, text);
  return lasting("module-constant", `${path}:${token.line}`, write(context, path, changed));
};

/** Changes a comment, or adds one: shifts lines, changes no behaviour. */
export const commentOnly: EditMaker = (context) => {
  const path = pickPython(context);
  if (path === undefined) return undefined;
  const source = context.tree.read(path);
  const comment = context.random.pick(tokenize(source).filter(({ kind }) => kind === "comment"));
  const text =
    comment !== undefined && context.random.chance(0.5)
      ? splice(source, comment.end, comment.end, ` (${context.serial})`)
      : splice(source, topInsertOffset(source), topInsertOffset(source), `# Remark ${context.serial}.\n\n`);
  return lasting("comment-only", path, write(context, path, text));
};

/** Adds a function at the end of a module, or a test at the end of a test file. */
export const newFunction: EditMaker = (context) => {
  const path = pickPython(context);
  if (path === undefined) return undefined;
  const source = context.tree.read(path);
  const expected = context.random.below(2);
  const text = `\n\ndef test_parity_added_${context.serial}():\n    assert ${context.serial} % 2 == ${expected}\n`;
  return lasting("new-function", path, write(context, path, `${source.trimEnd()}${text}`));
};

/** Two edits of one size within one second: what a byte code cache cannot tell apart. */
export const sameSize: EditMaker = (context) => {
  const path = pickPython(context);
  if (path === undefined) return undefined;
  const source = context.tree.read(path);
  const token = context.random.pick(tokenize(source).filter((found) => /^\d$/.test(found.text)));
  if (token === undefined) return undefined;
  const [first, second] = context.random.shuffle(
    ["0", "1", "2", "3", "4", "5"].filter((digit) => digit !== token.text),
  );
  const changes = [first, second].map((digit) =>
    write(context, path, splice(source, token.start, token.end, digit ?? "7")),
  );
  const keepsTime = context.random.chance(0.5);
  const mtimeSeconds = Math.floor(context.tree.mtimeSeconds(path)) + 0.5;
  const pinned = changes.map((change) => (change.kind === "write" && keepsTime ? { ...change, mtimeSeconds } : change));
  return lasting("same-size", `${path}:${token.line}${keepsTime ? " in the former second" : ""}`, ...pinned);
};

/** Changes a package's `__init__.py`. */
export const initEdit: EditMaker = (context) => {
  const path = context.random.pick(filesInScope(context, (file) => /(^|\/)__init__\.py$/.test(file)));
  if (path === undefined) return undefined;
  const source = context.tree.read(path);
  const line = context.random.pick([`PARITY_INIT_${context.serial} = 1\n`, `# Remark ${context.serial}.\n`]) ?? "\n";
  const offset = context.random.chance(0.5) ? topInsertOffset(source) : source.length;
  const lead = offset > 0 && source[offset - 1] !== "\n" ? "\n" : "";
  return lasting("init-edit", path, write(context, path, splice(source, offset, offset, lead + line)));
};

function replaceToken(
  kind: string,
  context: Parameters<EditMaker>[0],
  replacement: (token: Token) => string | undefined,
): ReturnType<EditMaker> {
  // Several files are tried: small ones often hold no such token.
  for (const path of context.random.shuffle(filesInScope(context, isOrdinaryPython)).slice(0, 10)) {
    const source = context.tree.read(path);
    const candidates = tokenize(source).flatMap((token) => {
      const text = replacement(token);
      return text === undefined ? [] : [{ token, text }];
    });
    const chosen = context.random.pick(candidates);
    if (chosen === undefined) continue;
    const { token, text } = chosen;
    const changed = splice(source, token.start, token.end, text);
    return lasting(kind, `${path}:${token.line} ${token.text} -> ${text}`, write(context, path, changed));
  }
  return undefined;
}

function topLevelValues(tokens: readonly Token[]): readonly Token[] {
  const values: Token[] = [];
  let isAssignment = false;
  tokens.forEach((token, index) => {
    if (token.opensLine) {
      isAssignment = token.indent === 0 && token.kind === "name" && tokens[index + 1]?.text === "=";
    } else if (isAssignment && (isSmallNumber(token) || token.kind === "string")) values.push(token);
  });
  return values;
}

function isSmallNumber(token: Token): boolean {
  return token.kind === "number" && /^(0|[1-9]\d{0,3})$/.test(token.text);
}

/** The source with the range from `start` to `end` replaced. */
export function splice(source: string, start: number, end: number, text: string): string {
  return source.slice(0, start) + text + source.slice(end);
}
