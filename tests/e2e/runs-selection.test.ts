// Paths and node ids: a selection is served from what a larger or another one has loaded.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ColdAndWarm } from "../rig/same-as-cold.ts";

const SHOWS_MARKERS = `
def test_1(where):
    pass


def test_2(where, request):
    assert [where, *(mark.name for mark in request.node.iter_markers())] == []
`;
const where = (name: string) => `import pytest\n\n\n@pytest.fixture\ndef where():\n    return "${name}"\n`;

const NESTED = {
  "conftest.py": where("root"),
  "marked/conftest.py": `${where("marked")}

def pytest_collection_modifyitems(items):
    items.reverse()
    for item in items:
        item.add_marker(pytest.mark.touched)
`,
  "marked/test_marked.py": SHOWS_MARKERS,
  "plain/test_plain.py": SHOWS_MARKERS,
  "deep/er/conftest.py": "def pytest_runtest_setup(item):\n    print('set up by', __file__)\n",
  "deep/er/test_deep.py": SHOWS_MARKERS,
  "tests/conftest.py": `
def pytest_configure(config):
    print("configured")


def pytest_addoption(parser):
    parser.addoption("--only-here", action="store_true")
`,
  "tests/test_option.py": `
def test_option(request):
    assert not request.config.getoption("--only-here")
`,
  "test_top.py":
    "import pytest\n\n\n@pytest.mark.parametrize('x', [1, 'a/b', 'c::d'])\ndef test_top(x):\n    assert x != 'a/b'\n",
};

test("hooks of a sub-directory's conftest act where a cold run loads it, and nowhere else", async () => {
  await using twins = new ColdAndWarm(NESTED);
  for (const line of [
    "",
    "plain",
    "marked",
    "marked plain",
    "plain/test_plain.py marked/test_marked.py::test_2",
    "deep",
  ]) {
    await twins.same(line);
  }
  for (const line of ["tests", "--only-here tests", "--only-here", "plain -m touched", ""]) await twins.same(line);
});

test("duplicates, orders and parameters", async () => {
  await using twins = new ColdAndWarm(NESTED);
  for (const line of [
    "-v test_top.py test_top.py",
    "-v test_top.py::test_top[c::d] test_top.py::test_top[1]",
    "test_top.py::test_top[a/b]",
    "-v deep/er/test_deep.py::test_2 deep/er/test_deep.py::test_1 deep/er/test_deep.py::test_2",
    "-v test_top.py::test_top[1] test_top.py",
    "-v ./deep/../test_top.py deep/er",
    "test_top.py::test_nothing",
    "test_top.py::test_top[2] deep",
  ]) {
    await twins.same(line);
  }
  expect(await twins.way()).toBe("warm");
});

test("files of one folder that are named one by one: what the second one breaks, prints and warns", async () => {
  for (const mode of ["prepend", "importlib"]) {
    await using twins = new ColdAndWarm({
      "pytest.ini": `[pytest]\naddopts = --import-mode=${mode}\n`,
      "test_a.py": "def test_a():\n    pass\n",
      "test_b.py": "import warnings\n\nwarnings.warn('from b')\nprint('printed by b')\n\n\ndef test_b():\n    pass\n",
      "test_broken.py": "def test_broken():\n    broken:\n",
    });
    for (const line of ["test_a.py test_b.py -s", "test_a.py test_b.py -s", "test_b.py test_a.py test_b.py -s"]) {
      await twins.same(line);
    }
    for (const line of ["test_a.py test_broken.py", "test_a.py test_broken.py", "test_broken.py"]) {
      await twins.same(line);
    }
    await twins.edit({ "test_broken.py": "def test_broken():\n    assert 0\n" }, "test_a.py test_broken.py");
    await twins.edit({ "test_broken.py": "1 / 0\n" }, "test_a.py test_broken.py");
    // Warm where what was kept is only brought up to date after the write, on a busy machine.
    expect(["resumed", "warm"]).toContain(await twins.way());
  }
});

test("called in a sub-directory, and for paths outside of the project", async () => {
  const outside = mkdtempSync(join(tmpdir(), "pw-outside-"));
  try {
    mkdirSync(join(outside, "sub"));
    writeFileSync(
      join(outside, "sub", "test_outside.py"),
      "def test_outside(pytestconfig):\n    print(pytestconfig.rootpath)\n",
    );
    writeFileSync(join(outside, "conftest.py"), "def pytest_collection_modifyitems(items):\n    items.reverse()\n");
    await using twins = new ColdAndWarm(NESTED);
    for (const line of ["", "..", "../deep", "--rootdir=.. ."]) await twins.same(line, { cwd: "plain" });
    for (const line of ["-v test_top.py", `-v test_top.py ${outside}/sub`, `${outside}/sub`, "-v test_top.py"])
      await twins.same(line);
  } finally {
    rmSync(outside, { recursive: true });
  }
});

test("a path argument moves the root, and with it the configuration", async () => {
  await using twins = new ColdAndWarm({
    "tests/test_a.py":
      "def test_a(pytestconfig):\n    print(pytestconfig.rootpath, pytestconfig.inipath)\n    assert 0\n",
    "inner/pytest.ini": "[pytest]\npython_functions = check*\n",
    "inner/test_b.py": "def check_b():\n    pass\n\n\ndef test_b():\n    assert 0\n",
    "tools/setup.cfg": "[tool:pytest]\naddopts = -v\n",
    "tools/test_c.py": "def test_c(pytestconfig):\n    print(pytestconfig.rootpath)\n    assert 0\n",
  });
  for (const line of [
    "",
    "inner",
    "inner/test_b.py",
    "inner tests",
    "tests",
    "tools",
    "tools/test_c.py tests",
    "tests",
  ]) {
    await twins.same(line);
  }
});

test("what files that are not asked for have left behind does not reach a selection", async () => {
  await using twins = new ColdAndWarm({
    "one/test_same.py": "def test_one():\n    pass\n",
    "two/test_same.py": "def test_two():\n    pass\n",
    "three/helpers.py": "NAME = 'three'\n",
    "three/test_three.py": "import helpers\n\n\ndef test_three():\n    assert helpers.NAME == 'three'\n",
    "four/helpers.py": "NAME = 'four'\n",
    "four/test_four.py": "import helpers\n\n\ndef test_four():\n    assert helpers.NAME == 'four'\n",
    "five/test_five.py": "import os\n\nos.environ['FIVE'] = 'set'\n\n\ndef test_five():\n    pass\n",
    "six/test_six.py":
      "import os\nimport sys\n\n\ndef test_six():\n    assert 'FIVE' not in os.environ\n    assert not [path for path in sys.path if path.endswith('one')]\n",
    "conftest.py": "ROOT = True\n",
    "seven/conftest.py": "SEVEN = True\n",
    "seven/test_seven.py": "from conftest import SEVEN\n\n\ndef test_seven():\n    assert SEVEN\n",
    "eight/test_eight.py": "from conftest import ROOT\n\n\ndef test_eight():\n    assert ROOT\n",
  });
  await twins.same();
  const selections = ["one", "two", "three", "four", "five", "six", "seven", "eight"];
  for (const line of selections) expect((await twins.same(line)).warm.exit).toBe(0);
  for (const line of ["three four", "four three"]) await twins.same(line);
});
