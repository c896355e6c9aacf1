import { basename, dirname, join } from "node:path";
import {
  breaking,
  type EditContext,
  type EditMaker,
  filesInScope,
  isOrdinaryPython,
  isTestFile,
  lasting,
  pickPython,
  write,
} from "./edit.ts";

/** Adds a test file beside an existing one. */
export const newTestFile: EditMaker = (context) => {
  const neighbour = context.random.pick(filesInScope(context, isTestFile));
  if (neighbour === undefined) return undefined;
  const path = join(dirname(neighbour), `test_parity_${context.serial}.py`);
  const text = [
    "import pytest",
    "",
    `VALUE = ${context.random.below(10)}`,
    "",
    "",
    `@pytest.mark.parametrize("number", [${context.serial}, VALUE])`,
    "def test_number(number):",
    "    assert number >= VALUE",
    "",
    "",
    "def test_file(tmp_path, request):",
    "    assert list(tmp_path.iterdir()) == [] and request.node.name == 'test_file'",
    "",
    "",
    `@pytest.mark.${context.random.pick(["skip", "xfail", "usefixtures('capsys')"]) ?? "skip"}`,
    "def test_marked():",
    "    assert VALUE > 4",
    "",
  ].join("\n");
  return lasting("new-test-file", path, write(context, path, text));
};

/** Deletes a test file; now and then a module, which the next step brings back. */
export const deleteFile: EditMaker = (context) => {
  if (context.random.chance(0.3)) {
    const module = context.random.pick(filesInScope(context, (path) => isOrdinaryPython(path) && !isTestFile(path)));
    if (module !== undefined) return breaking("delete-module", module, { kind: "delete", path: module });
  }
  const path = context.random.pick(filesInScope(context, isTestFile));
  return path === undefined ? undefined : breaking("delete-test-file", path, { kind: "delete", path });
};

/** Renames a test file, at times to a name that pytest does not collect. */
export const renameTestFile: EditMaker = (context) => {
  const path = context.random.pick(filesInScope(context, isTestFile));
  if (path === undefined) return undefined;
  const name = basename(path, ".py").replace(/_renamed_\d+$/, "");
  const renamed = context.random.chance(0.2) ? `not_${name}.py` : `${name}_renamed_${context.serial}.py`;
  const to = join(dirname(path), renamed);
  return breaking("rename-test-file", `${path} -> ${renamed}`, { kind: "rename", path, to });
};

/** Changes a file that is not Python. */
export const dataFile: EditMaker = (context) => {
  const isData = (path: string): boolean =>
    /\.(txt|json|csv|tsv|toml|ya?ml|html|css|sql|xml|md|rst|dat)$/.test(path) &&
    !/(^|\/)(pyproject\.toml|[^/]*requirements[^/]*)$/.test(path);
  const path = context.random.pick(filesInScope(context, isData));
  if (path === undefined) return undefined;
  if (context.random.chance(0.2)) return breaking("data-file", `${path} deleted`, { kind: "delete", path });
  const text = context.tree.read(path);
  const digit = /\d/.exec(text);
  const changed =
    digit !== null && context.random.chance(0.7)
      ? `${text.slice(0, digit.index)}${(Number(digit[0]) + 1) % 10}${text.slice(digit.index + 1)}`
      : `${text}\n`;
  return lasting("data-file", path, write(context, path, changed));
};

/** Gives a file a new time and the same content. */
export const touch: EditMaker = (context) => {
  const path = pickPython(context);
  if (path === undefined) return undefined;
  return lasting("touch", path, write(context, path, context.tree.read(path)));
};

/** Takes a test folder's `__init__.py` away or gives it one, which changes its modules' names. */
export const packageInit: EditMaker = (context) => {
  const folder = folderOfTests(context);
  if (folder === undefined) return undefined;
  const path = join(folder, "__init__.py");
  if (context.tree.exists(path)) return breaking("init-removed", path, { kind: "delete", path });
  return breaking("init-added", path, write(context, path, ""));
};

/** Writes a pytest.ini at the top, which can move the root folder and so every node id. */
export const iniFile: EditMaker = (context) => {
  if (context.tree.exists("pytest.ini")) return undefined;
  const lines = [
    "python_functions = test_* check_*",
    "python_classes = Test* Check*",
    "addopts = --strict-markers",
    "minversion = 6.0",
    "xfail_strict = true",
  ];
  const line = context.random.pick(lines) ?? "minversion = 6.0";
  return breaking(
    "ini-file",
    `pytest.ini + ${line}`,
    write(context, "pytest.ini", `[pytest]\npythonpath = . src\n${line}\n`),
  );
};

/** A folder that holds a test file. */
export function folderOfTests(context: EditContext): string | undefined {
  const path = context.random.pick(filesInScope(context, isTestFile));
  return path === undefined ? undefined : dirname(path);
}
