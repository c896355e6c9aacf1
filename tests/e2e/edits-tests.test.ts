// Edits of tests, conftests and configuration.
import { expect, test } from "vitest";
import { ColdAndWarm } from "../rig/same-as-cold.ts";
import { EDITED } from "./edited-project.ts";

const CONFTEST = EDITED["conftest.py"];
const PASSING = "def test_new():\n    pass\n";

test("test files appear, change, move and go", async () => {
  await using twins = new ColdAndWarm(EDITED);
  await twins.same();
  await twins.edit({ "test_new.py": "def test_new(five):\n    assert five == 6\n" });
  await twins.edit({ "test_new.py": PASSING });
  twins.project.rename("test_new.py", "test_renamed.py");
  await twins.same();
  await twins.edit({ "test_renamed.py": null, "sub/test_new.py": PASSING });
  await twins.edit({ "test_core.py": `${EDITED["test_core.py"]}\n\n${PASSING}` }, "test_core.py");
  await twins.edit({ sub: null, "test_core.py": EDITED["test_core.py"] });
  expect((await twins.same()).warm.exit).toBe(0);
});

test("conftests appear, change and go", async () => {
  await using twins = new ColdAndWarm({ ...EDITED, "sub/test_sub.py": "def test_sub(five):\n    assert five == 5\n" });
  await twins.same();
  await twins.edit({ "conftest.py": CONFTEST.replace("5", "55") });
  await twins.edit(
    { "conftest.py": `${CONFTEST}\n\ndef pytest_collection_modifyitems(items):\n    items.reverse()\n` },
    "-v",
  );
  await twins.edit({ "conftest.py": CONFTEST, "sub/conftest.py": CONFTEST.replace("5", "6") });
  await twins.edit({ "sub/conftest.py": CONFTEST.replace("5", "7") });
  await twins.edit({ "sub/conftest.py": null, "conftest.py": null });
  await twins.edit({ "conftest.py": `1 / 0\n${CONFTEST}` });
  await twins.edit({ "conftest.py": CONFTEST });
});

test("packages of tests", async () => {
  await using twins = new ColdAndWarm({
    "one/test_same.py": "import where\n\n\ndef test_one():\n    assert __name__ == 'test_same'\n",
    "one/where.py": "",
    "conftest.py": "import sys\n\nsys.dont_write_bytecode = True\n",
  });
  await twins.same();
  await twins.edit({ "one/__init__.py": "" });
  await twins.edit({ "one/__init__.py": null, "two/test_same.py": PASSING });
  await twins.edit({ "two/__init__.py": "" });
  await twins.edit({ "two/__init__.py": null }, "--import-mode=importlib");
});

test("configuration files", async () => {
  await using twins = new ColdAndWarm(EDITED);
  await twins.same();
  await twins.edit({ "pytest.ini": "[pytest]\npython_functions = test_s*\n" });
  await twins.edit({
    "pytest.ini": "[pytest]\naddopts = -v\n",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-q'\n",
  });
  await twins.edit({ "pytest.ini": null });
  await twins.edit({ "tox.ini": "[pytest]\naddopts = -rA\n" });
  await twins.edit({ "pyproject.toml": "[tool.pytest.ini_options\n" });
  await twins.edit({ "pyproject.toml": null });
  await twins.edit({ "pytest.ini": "[pytest]\ntestpaths = sub\n", "sub/test_sub.py": PASSING });
});
