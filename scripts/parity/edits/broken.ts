import { tokenize, topInsertOffset } from "../python-source.ts";
import { breaking, type EditMaker, filesInScope, isTestFile, pickPython, write } from "./edit.ts";
import { splice } from "./mutations.ts";

const unparsable = ["def broken(:\n", "x = (1,\n", "  indented = 1\n", "'''\n", "return return\n", "\u20ac = 1\n"];

const raising = [
  "raise RuntimeError('parity')\n",
  "import parity_does_not_exist\n",
  "1 / 0\n",
  "raise SystemExit(3)\n",
  "from os import parity_does_not_exist\n",
];

/** Makes a module or a test file unparsable, as a half-written file is. */
export const syntaxError: EditMaker = (context) => {
  const path = pickPython(context);
  if (path === undefined) return undefined;
  const source = context.tree.read(path);
  if (context.random.chance(0.25)) {
    const half = source.slice(0, context.random.below(source.length + 1));
    return breaking("syntax-error", `${path} cut to ${half.length} characters`, write(context, path, half));
  }
  const line = context.random.pick(unparsable) ?? "(\n";
  const tops = tokenize(source).filter((token) => token.opensLine && token.indent === 0);
  const offset = context.random.pick(tops)?.start ?? source.length;
  return breaking(
    "syntax-error",
    `${path} + ${JSON.stringify(line)}`,
    write(context, path, splice(source, offset, offset, line)),
  );
};

/** Makes the import of a module, a test file or a conftest raise. */
export const importException: EditMaker = (context) => {
  const conftests = filesInScope(context, (file) => /(^|\/)conftest\.py$/.test(file));
  const path = context.random.chance(0.15)
    ? (context.random.pick(conftests) ?? pickPython(context))
    : pickPython(context);
  if (path === undefined) return undefined;
  const source = context.tree.read(path);
  const skips = isTestFile(path) && context.random.chance(0.25);
  const line = skips
    ? "import pytest\npytest.skip('parity', allow_module_level=True)\n"
    : (context.random.pick(raising) ?? "1 / 0\n");
  const offset = context.random.chance(0.5) ? topInsertOffset(source) : source.length;
  const lead = offset > 0 && source[offset - 1] !== "\n" ? "\n" : "";
  return breaking(
    "import-exception",
    `${path} + ${JSON.stringify(line)}`,
    write(context, path, splice(source, offset, offset, lead + line)),
  );
};
