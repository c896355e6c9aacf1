import { importException, syntaxError } from "./broken.ts";
import { conftestFixture, conftestHook, conftestValue, newConftest } from "./conftests.ts";
import type { EditMaker } from "./edit.ts";
import { dataFile, deleteFile, iniFile, newTestFile, packageInit, renameTestFile, touch } from "./files.ts";
import {
  bodyComparison,
  bodyConstant,
  commentOnly,
  initEdit,
  moduleConstant,
  newFunction,
  sameSize,
} from "./mutations.ts";
import {
  bodyStatement,
  calledAtImport,
  classAttribute,
  decorator,
  defaultValue,
  movedLines,
  renamedDefinition,
} from "./structures.ts";

const single: readonly EditMaker[] = [
  bodyConstant,
  bodyComparison,
  moduleConstant,
  commentOnly,
  newFunction,
  sameSize,
  initEdit,
  newTestFile,
  deleteFile,
  renameTestFile,
  dataFile,
  touch,
  packageInit,
  iniFile,
  syntaxError,
  importException,
  conftestFixture,
  conftestHook,
  conftestValue,
  newConftest,
  bodyStatement,
  calledAtImport,
  classAttribute,
  decorator,
  defaultValue,
  movedLines,
  renamedDefinition,
];

/** Several edits at once, as after a change of branch. */
const severalFiles: EditMaker = (context) => {
  const makers = context.random.shuffle([
    bodyConstant,
    bodyComparison,
    moduleConstant,
    newTestFile,
    newFunction,
    initEdit,
    dataFile,
  ]);
  const edits = makers.slice(0, 2 + context.random.below(3)).flatMap((maker) => maker(context) ?? []);
  // Two edits of one file would each start from the content before both.
  const seen = new Set<string>();
  const kept = edits.filter((edit) => !edit.changes.some(({ path }) => seen.has(path) || !seen.add(path)));
  if (kept.length < 2) return undefined;
  return {
    kind: "several-files",
    note: kept.map(({ kind, note }) => `${kind} ${note}`).join("; "),
    changes: kept.flatMap(({ changes }) => changes),
    isBreaking: true,
  };
};

/** Every kind of edit, each once. */
export const editMakers: readonly EditMaker[] = [...single, severalFiles];
