import { type Block, blocksOf } from "../python-blocks.ts";
import { type EditContext, type EditMaker, filesInScope, isOrdinaryPython, lasting, write } from "./edit.ts";
import { splice } from "./mutations.ts";

/** Gives a function a decorator that changes nothing, or one that remembers results. */
export const decorator: EditMaker = (context) => {
  return onBlock("decorator", context, isFunction, (source, block) => {
    const plain = "@(lambda function: function)";
    const caching = "@__import__('functools').lru_cache(maxsize=None)";
    return insertLine(source, block.start, block.indent, context.random.chance(0.7) ? plain : caching);
  });
};

/** Gives a class another attribute. */
export const classAttribute: EditMaker = (context) => {
  return onBlock("class-body", context, isClass, (source, block) =>
    insertLine(source, block.bodyStart, block.bodyIndent, `parity_attribute_${context.serial} = ${context.serial}`),
  );
};

/** Changes the default value of a parameter. */
export const defaultValue: EditMaker = (context) => {
  const hasDefault = (block: Block) => isFunction(block) && block.defaults.length > 0;
  return onBlock("default-value", context, hasDefault, (source, block) => {
    const chosen = context.random.pick(block.defaults);
    return chosen === undefined
      ? source
      : splice(source, chosen.start, chosen.end, String(1 + context.random.below(9)));
  });
};

/** Adds a statement to a function: one that does nothing, or one that ends it. */
export const bodyStatement: EditMaker = (context) => {
  return onBlock("body-statement", context, isFunction, (source, block) => {
    const statement = context.random.pick([
      `parity_local_${context.serial} = ${context.serial}`,
      `if ${context.serial} < 0: raise ValueError(${context.serial})`,
      `assert not hasattr(object, "parity_${context.serial}")`,
      "return None",
      `raise ValueError("parity ${context.serial}")`,
    ]);
    return insertLine(source, block.bodyStart, block.bodyIndent, statement ?? "pass");
  });
};

/** Moves a function or class down by some lines. */
export const movedLines: EditMaker = (context) => {
  const canMove = (block: Block) => !block.isDecorated;
  return onBlock("moved-lines", context, canMove, (source, block) =>
    splice(source, block.start, block.start, "\n".repeat(1 + context.random.below(3))),
  );
};

/** Renames a function or class where it is defined, and nowhere else. */
export const renamedDefinition: EditMaker = (context) => {
  return onBlock(
    "renamed-definition",
    context,
    () => true,
    (source, { nameStart, name }) => splice(source, nameStart, nameStart + name.length, `${name}_${context.serial}`),
  );
};

/** Lets a module look at what it has defined: what a function was when its module was loaded matters from then on. */
export const calledAtImport: EditMaker = (context) => {
  const isPlain = (block: Block) => isFunction(block) && block.indent === 0 && !block.isDecorated;
  return onBlock("called-at-import", context, isPlain, (source, { name }) => {
    const call = `\n\ntry:\n    PARITY_RESULT_${context.serial} = ${name}()\nexcept BaseException:\n    pass\n`;
    return `${source.trimEnd()}${call}`;
  });
};

function onBlock(
  kind: string,
  context: EditContext,
  accepts: (block: Block) => boolean,
  change: (source: string, block: Block) => string,
): ReturnType<EditMaker> {
  // Several files are tried: small ones often hold no such block.
  for (const path of context.random.shuffle(filesInScope(context, isOrdinaryPython)).slice(0, 10)) {
    const source = context.tree.read(path);
    const block = context.random.pick(blocksOf(source).filter(accepts));
    if (block === undefined) continue;
    return lasting(kind, `${path} ${block.kind} ${block.name}`, write(context, path, change(source, block)));
  }
  return undefined;
}

function insertLine(source: string, offset: number, indent: number, statement: string): string {
  // A source that ends in the docstring's line, without a line break.
  const lead = offset > 0 && source[offset - 1] !== "\n" ? "\n" : "";
  return splice(source, offset, offset, `${lead}${" ".repeat(indent)}${statement}\n`);
}

function isFunction(block: Block): boolean {
  return block.kind === "def";
}

function isClass(block: Block): boolean {
  return block.kind === "class";
}
