// What is imported and of which no test runs a function, on a project where that is known by construction. Python says which
// functions are executed from 3.12 on; before, the command says that it cannot tell.
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import type { UnusedImport, UnusedImports } from "../../src/insight/unused-modules.ts";
import { interpreter } from "../rig/interpreter.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const hasFunctions =
  execFileSync(interpreter, ["-c", "import sys; print(sys.version_info >= (3, 12))"], { encoding: "utf8" }).trim() ===
  "True";

const PROJECT = {
  "pytest.ini": "[pytest]\npythonpath = . env/site-packages\n",
  "app/__init__.py":
    "from app import constants, registry, unused, used, by_fixture, by_thread\nimport deadlib, livelib\n",
  "app/used.py": "def f():\n    return 1\n",
  "app/unused.py": "def g():\n    return 1\n\nclass Kept:\n    def h(self):\n        return 2\n",
  "app/registry.py": "KNOWN = []\ndef known(f):\n    KNOWN.append(f)\n    return f\n",
  "app/constants.py": "from app.registry import known\nLIMIT = 3\n@known\nclass Bare:\n    size = 1\n",
  "app/by_fixture.py": "def at_the_end():\n    return 1\n",
  "app/by_thread.py": "def work():\n    return 1\n",
  "env/site-packages/deadlib/__init__.py": "from deadlib.part import never\n",
  "env/site-packages/deadlib/part.py": "def never():\n    return 1\n",
  "env/site-packages/livelib/__init__.py": "from livelib.part import often\n",
  "env/site-packages/livelib/part.py": "def often():\n    return 1\n",
  "conftest.py": `
import pytest
from app import by_fixture
@pytest.fixture(scope="session")
def shared():
    yield 1
    by_fixture.at_the_end()
`,
  "test_a.py": `
import subprocess, sys, threading
import app
def test_called(shared):
    assert app.used.f() == 1 and app.constants.LIMIT == 3
def test_thread():
    thread = threading.Thread(target=app.by_thread.work)
    thread.start()
    thread.join()
def test_package():
    assert app.livelib.often() == 1
def test_process():
    subprocess.run([sys.executable, "-c", "import app.unused; app.unused.g()"], check=True)
`,
};

test("imports --unused lists what no test runs a function of, and says what it cannot know", async () => {
  using project = new Project(PROJECT);
  await using prewarm = new Prewarm(project, { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" });
  const ask = (...flags: string[]) =>
    prewarm.command(["imports", "--unused", "--python", interpreter, ...flags, "--", "pytest", "-q"]).finished;

  const told = await ask("--json");
  if (!hasFunctions) {
    expect(told).toMatchObject({ exit: 69, stdout: "", stderr: expect.stringContaining("error[functions-unknown]") });
    return;
  }
  expect(told).toMatchObject({ exit: 0, stderr: "" });
  const { unused } = JSON.parse(told.stdout) as { readonly unused: UnusedImports };
  const named = (some: readonly UnusedImport[]) => some.map(({ name, functions }) => `${name} ${functions}`).toSorted();
  expect(named(unused.modules)).toEqual(["app.unused 2"]);
  expect(named(unused.whileImporting)).toEqual(["app.registry 1"]);
  expect(named(unused.packages)).toEqual(["deadlib 1"]);
  expect(named(unused.withoutFunctions)).toEqual(["app 0", "app.constants 0"]);

  // The second run is warm: the same functions are new to it.
  const lines = (await ask()).stdout.trimEnd().replaceAll(/^ *\d+ +\S+ m?s +/gm, "");
  expect(lines.split("\n")).toEqual([
    "no test ran a function of these modules of the application (4 tests in one run; own import time):",
    "app.unused (2 functions): only app/__init__.py:1 imports it",
    "a function of these ran while they were imported, and none in a test:",
    expect.stringMatching(/^app\.registry \(1 function\): 2 files import it, app\/__init__\.py:1 is one$/),
    "no test ran a function of these packages, which files of the project import:",
    "deadlib (2 modules): only app/__init__.py:2 imports it",
    "not told: what is used of a module without running a function of it, and functions in C",
    expect.stringMatching(/^ {2}2 modules without functions \(.*\): \d+ ms, app\S* most$/),
    "  what ran in the processes that 1 test started",
  ]);
});

test("imports says that a start which pytest refuses has told nothing", async () => {
  using project = new Project({ "test_a.py": "def test_a(): pass\n" });
  await using prewarm = new Prewarm(project, { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" });
  const told = await prewarm.command(["imports", "--python", interpreter, "--", "pytest", "--no-such-option"]).finished;
  expect(told).toMatchObject({ exit: 75, stdout: "", stderr: expect.stringContaining("error[not-probed]") });
});
