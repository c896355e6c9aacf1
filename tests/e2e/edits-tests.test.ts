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

test("a conftest comes and goes below a folder that the trunk was not started for", async () => {
  const test_it = "import shop\n\n\ndef test_it():\n    assert shop.PRICE\n";
  await using twins = new ColdAndWarm({
    // Packages stay in their place then, and no second trunk takes over in the middle of the test.
    "pytest.ini": "[pytest]\nfilterwarnings = error\n",
    "conftest.py": "",
    "shop.py": "PRICE = 1\n",
    "one/test_one.py": test_it,
    "two/tests/test_two.py": test_it,
  });
  await twins.same("one");
  // pytest loads the conftests of folders named like tests at its start: what is resumed for this run must not lead it.
  const fails = "import pytest\n\n\n@pytest.fixture(autouse=True)\ndef fails():\n    pytest.fail('no')\n";
  await twins.edit({ "shop.py": "PRICE = 2\n", "two/tests/conftest.py": fails }, "two");
  await twins.same("two");
  await twins.edit({ "two/tests/conftest.py": null }, "two/tests/test_two.py");
  await twins.same("two");
});

test("a conftest comes and goes in a folder without tests, and acts on all", async () => {
  await using twins = new ColdAndWarm({
    "one/test_one.py": "def test_one():\n    pass\n",
    "one/data/readme.txt": "",
  });
  const acts = "def pytest_collection_modifyitems(items):\n    items.clear()\n";
  await twins.same("one");
  await twins.same("one");
  expect((await twins.edit({ "one/data/conftest.py": acts }, "one")).warm.exit).toBe(5);
  await twins.same("one");
  expect((await twins.edit({ "one/data/conftest.py": null }, "one")).warm.exit).toBe(0);
  await twins.edit({ "one/two/three/test_three.py": "def test_three():\n    pass\n" }, "one");
  await twins.same("one");
  const fails = "import pytest\n\n\n@pytest.fixture(autouse=True)\ndef fails():\n    pytest.fail('no')\n";
  expect((await twins.edit({ "one/two/conftest.py": fails }, "one")).warm.exit).toBe(1);
});

test("a test file with the name of one that is loaded", async () => {
  await using twins = new ColdAndWarm({
    "conftest.py": "collect_ignore = ['ignored']\n",
    "b/test_same.py": PASSING,
    "ignored/test_same.py": PASSING,
    "a/readme.txt": "",
    "c/readme.txt": "",
  });
  await twins.same();
  await twins.same();
  expect(await twins.way()).toBe("warm");
  // pytest imports the first of them, and refuses the second one.
  expect((await twins.edit({ "a/test_same.py": PASSING })).warm.exit).toBe(2);
  for (const line of ["", "a", "b", "b a"]) await twins.same(line);
  await twins.edit({ "a/test_same.py": null });
  expect((await twins.edit({ "c/test_same.py": PASSING }, "c")).warm.exit).toBe(0);
  await twins.same("ignored");
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
