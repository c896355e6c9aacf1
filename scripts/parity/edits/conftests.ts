import { join } from "node:path";
import { tokenize } from "../python-source.ts";
import { breaking, type Edit, type EditContext, type EditMaker, filesInScope, lasting, write } from "./edit.ts";
import { folderOfTests } from "./files.ts";
import { splice } from "./mutations.ts";

/** Adds an autouse fixture to a conftest: harmless, or failing at set-up or tear-down of some tests. */
export const conftestFixture: EditMaker = (context) => {
  const bodies = [
    "    yield",
    "    if 'a' in request.node.name[-3:]:\n        pytest.fail('set-up')\n    yield",
    "    yield\n    assert not request.node.name.endswith('e')",
    "    if request.node.name.endswith('t'):\n        pytest.skip('parity')\n    yield",
  ];
  const body = context.random.pick(bodies) ?? "    yield";
  const scope =
    body === "    yield" ? (context.random.pick(["function", "class", "module", "session"]) ?? "function") : "function";
  const text = `import pytest\n\n\n@pytest.fixture(autouse=True, scope="${scope}")\ndef parity_auto_${context.serial}(request):\n${body}\n`;
  return extendConftest("conftest-fixture", context, text, body !== "    yield");
};

/** Adds a hook to a conftest: order, selection, marks, parametrization. */
export const conftestHook: EditMaker = (context) => {
  const hooks = [
    "def pytest_collection_modifyitems(items):\n    items.reverse()\n",
    "def pytest_collection_modifyitems(config, items):\n    dropped = items[::3]\n    items[:] = [item for item in items if item not in dropped]\n    config.hook.pytest_deselected(items=dropped)\n",
    "def pytest_itemcollected(item):\n    if item.name.endswith('s'):\n        item.add_marker('xfail')\n",
    "def pytest_ignore_collect(collection_path):\n    return True if 'd' in collection_path.stem[-3:] and collection_path.suffix == '.py' else None\n",
    "def pytest_runtest_setup(item):\n    if item.name.endswith('r'):\n        import pytest\n\n        pytest.skip('parity')\n",
    "def pytest_sessionfinish(session):\n    session.exitstatus = 7\n",
    "collect_ignore_glob = ['*s.py']\n",
  ];
  return extendConftest("conftest-hook", context, context.random.pick(hooks) ?? "", true);
};

/** Changes a number, a string or a truth value inside a conftest, such as a fixture's value. */
export const conftestValue: EditMaker = (context) => {
  const path = context.random.pick(conftests(context));
  if (path === undefined) return undefined;
  const source = context.tree.read(path);
  const values = tokenize(source).filter(
    (token) => token.indent > 0 && !token.opensLine && /^(\d{1,4}|True|False)$/.test(token.text),
  );
  const token = context.random.pick(values);
  if (token === undefined) return undefined;
  const text = token.kind === "number" ? String(Number(token.text) + 1) : token.text === "True" ? "False" : "True";
  return lasting(
    "conftest-value",
    `${path}:${token.line}`,
    write(context, path, splice(source, token.start, token.end, text)),
  );
};

/** Gives a folder of tests a conftest that it did not have. */
export const newConftest: EditMaker = (context) => {
  const folder = folderOfTests(context);
  if (folder === undefined) return undefined;
  const path = join(folder, "conftest.py");
  if (context.tree.exists(path)) return undefined;
  const text = `import pytest\n\n\n@pytest.fixture(autouse=True)\ndef parity_new_${context.serial}(request, monkeypatch):\n    monkeypatch.setenv("PARITY", "1")\n    if len(request.node.name) % 7 == 0:\n        pytest.xfail("parity")\n`;
  return breaking("conftest-new", path, write(context, path, text));
};

function extendConftest(kind: string, context: EditContext, text: string, isBreaking: boolean): Edit | undefined {
  const path = context.random.pick(conftests(context));
  if (path === undefined) return undefined;
  const change = write(context, path, `${context.tree.read(path).trimEnd()}\n\n\n${text}`);
  const note = `${path} + ${text.split("\n").find((line) => line.startsWith("def ") || line.includes("glob")) ?? ""}`;
  return isBreaking ? breaking(kind, note, change) : lasting(kind, note, change);
}

/** Conftests in the scope and above it: those above act on the scope too. */
function conftests(context: EditContext): readonly string[] {
  const everywhere = { ...context, scope: [] };
  return filesInScope(everywhere, (path) => /(^|\/)conftest\.py$/.test(path)).filter((path) => {
    const folder = path.slice(0, -"conftest.py".length);
    return (
      context.scope.length === 0 ||
      context.scope.some((prefix) => prefix.startsWith(folder) || folder.startsWith(prefix))
    );
  });
}
