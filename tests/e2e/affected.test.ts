// After an edit a watch runs what the edit can affect, and no other test. Where nothing is known of functions (before
// Python 3.12) that is every test whose file imports what has changed.
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { interpreter } from "../rig/interpreter.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { Watch } from "../rig/watch.ts";

const hasFunctions =
  execFileSync(interpreter, ["-c", "import sys; print(sys.version_info >= (3, 12))"], { encoding: "utf8" }).trim() ===
  "True";

const PROJECT = {
  "pytest.ini": "[pytest]\npythonpath = .\n",
  "app/__init__.py": "",
  "app/calc.py": `
def add(a, b):
    return a + b

def sub(a, b):
    return a - b

class Base:
    size = 1
    def area(self):
        return self.size
`,
  "app/kids.py": "from app.calc import Base\nclass Kid(Base):\n    pass\n",
  "app/cache.py": `
from functools import lru_cache
from app.calc import sub
@lru_cache(maxsize=None)
def kept(a):
    return sub(a, 1)
`,
  "app/lazy.py": "VALUE = 1\n",
  "app/by_name.py": "def run():\n    return 1\n",
  "conftest.py": `
import pytest
from app.calc import add
@pytest.fixture(scope="session")
def shared():
    return add(1, 1)
@pytest.fixture
def made():
    yield 1
`,
  "data.txt": "1",
  "test_calc.py": `
import pytest
from app import calc
from app.calc import add, sub
@pytest.mark.parametrize("n", [1, 2])
def test_add(n):
    assert add(n, 1) == n + 1
def test_sub():
    assert sub(2, 1) == 1
def test_replaced(monkeypatch):
    monkeypatch.setattr(calc, "sub", lambda a, b: 5)
    assert calc.sub(1, 1) == 5
`,
  "test_kids.py": "from app.kids import Kid\ndef test_kid():\n    assert Kid().area() == 1\n",
  "test_cache.py": `
from app.cache import kept
def test_first():
    assert kept(2) == 1
def test_second():
    assert kept(2) == 1
`,
  "test_shared.py": `
def test_one(shared):
    assert shared == 2
def test_two(shared):
    assert shared == 2
def test_made(made):
    assert made == 1
`,
  "test_lazy.py": `
import importlib
def test_lazy():
    from app.lazy import VALUE
    assert VALUE == 1
def test_by_name():
    assert importlib.import_module("app.by_name").run() == 1
`,
  "test_files.py": `
import subprocess, sys
def test_data():
    assert open("data.txt").read() == "1"
def test_process():
    assert subprocess.run([sys.executable, "-c", "0"]).returncode == 0
def test_alone():
    pass
`,
} as const;

async function ranAfter(edits: readonly Readonly<Record<string, string | null>>[]): Promise<readonly string[][]> {
  using project = new Project(PROJECT);
  await using prewarm = new Prewarm(project);
  const watch = new Watch(prewarm);
  const ran: string[][] = [];
  const all = await watch.run();
  expect(new Set(Object.values(all))).toEqual(new Set(["passed"]));
  for (const edit of edits) {
    for (const [path, text] of Object.entries(edit)) {
      if (text === null) project.remove(path);
      else project.write(path, text);
    }
    ran.push(Object.keys(await watch.run()).toSorted());
  }
  watch.end();
  return ran;
}

/** Starts another process, so it runs after every edit. */
const ALWAYS = "test_files.py::test_process";
const CALC = [
  "test_calc.py::test_add[1]",
  "test_calc.py::test_add[2]",
  "test_calc.py::test_replaced",
  "test_calc.py::test_sub",
];
const CACHE = ["test_cache.py::test_first", "test_cache.py::test_second"];
const SHARED = ["test_shared.py::test_one", "test_shared.py::test_two"];
// The conftest imports it, so before 3.12 everything depends on it.
const EVERYTHING = [
  ...CACHE,
  ...CALC,
  "test_files.py::test_alone",
  "test_files.py::test_data",
  ALWAYS,
  "test_kids.py::test_kid",
  "test_lazy.py::test_by_name",
  "test_lazy.py::test_lazy",
  "test_shared.py::test_made",
  ...SHARED,
].toSorted();

function sorted(...ids: readonly string[]): readonly string[] {
  return [...ids, ALWAYS].toSorted();
}

function changed(path: keyof typeof PROJECT, from: string, to: string): Readonly<Record<string, string>> {
  expect(PROJECT[path]).toContain(from);
  return { [path]: PROJECT[path].replace(from, to) };
}

test("a function's body affects who executed it, through a cache and a session fixture too", async () => {
  const [sub, add] = await ranAfter([
    changed("app/calc.py", "return a - b", "return 0 + a - b"),
    changed("app/calc.py", "return a + b", "return 0 + a + b"),
  ]);
  expect(sub).toEqual(hasFunctions ? sorted(...CACHE, "test_calc.py::test_sub") : EVERYTHING);
  // The second edit also takes the first one back.
  // In the last test the session's fixture is torn down, and its end belongs to that test as well.
  const shared = [...SHARED, "test_shared.py::test_made"];
  const both = sorted(...CACHE, ...shared, ...CALC.filter((id) => !id.endsWith("test_replaced")));
  expect(add).toEqual(hasFunctions ? both : EVERYTHING);
});

test("a class body and a deleted function affect all whose file imports the module", async () => {
  const [size, gone] = await ranAfter([
    changed("app/calc.py", "size = 1", "size = 2"),
    { "app/calc.py": PROJECT["app/calc.py"].replace(/def sub[\s\S]*?- b\n/, "") },
  ]);
  expect(size).toEqual(EVERYTHING);
  expect(gone).toEqual([]);
});

test("a test file affects itself: its parametrization, a new test, a lazily imported module, one imported by name", async () => {
  const [parameters, added, lazy, named] = await ranAfter([
    changed("test_calc.py", "[1, 2]", "[1, 3]"),
    changed("test_kids.py", "def test_kid", "def test_new():\n    pass\ndef test_kid"),
    { "app/lazy.py": "VALUE = int('1')\n" },
    { "app/by_name.py": "def run():\n    return int('1')\n" },
  ]);
  expect(parameters).toEqual(sorted(...CALC.map((id) => id.replace("[2]", "[3]"))));
  expect(added).toEqual(sorted("test_kids.py::test_kid", "test_kids.py::test_new"));
  expect(lazy).toEqual(expect.arrayContaining(["test_lazy.py::test_lazy"]));
  expect(named).toEqual(expect.arrayContaining(["test_lazy.py::test_by_name"]));
  expect(lazy).not.toContain("test_files.py::test_alone");
  expect(named).not.toContain("test_files.py::test_alone");
});

test("a data file affects who opened it, a comment nobody, a fixture who uses it", async () => {
  const [data, comment, fixture] = await ranAfter([
    { "data.txt": "2" },
    { "app/kids.py": `# kids\n${PROJECT["app/kids.py"]}` },
    changed("conftest.py", "yield 1", "yield int('1')"),
  ]);
  if (hasFunctions) expect(data).toEqual(sorted("test_files.py::test_data"));
  // Where it is not known what it executed, it may have left something of the file in the cache.
  else expect(data).toEqual(expect.arrayContaining([...sorted("test_files.py::test_data", ...CACHE)]));
  expect(comment).toEqual([ALWAYS]);
  expect(fixture).toEqual(hasFunctions ? sorted("test_shared.py::test_made") : EVERYTHING);
});

test("with --all everything runs after each edit, and why tells what an edit has changed", async () => {
  using project = new Project(PROJECT);
  await using prewarm = new Prewarm(project);
  const all = new Watch(prewarm, ["--all"]);
  await all.run();
  project.write("data.txt", "2");
  expect(Object.keys(await all.run()).toSorted()).toEqual(EVERYTHING);
  all.end();
  const watch = new Watch(prewarm);
  await watch.run();
  project.write("data.txt", "1");
  await watch.run();
  const opened = await prewarm.command(["why", "test_files.py::test_data"]).finished;
  expect(opened.stdout).toMatch(/^ran at \d\d:\d\d:\d\d: opens data\.txt\. It passed\.\n/);
  const alone = await prewarm.command(["why", "test_files.py::test_alone"]).finished;
  expect(alone.stdout).toMatch(/^○ not run at \d\d:\d\d:\d\d: unaffected\. It passed\.\n {2}this test/);
  const nothing = await prewarm.command(["why", "nothing.py"]).finished;
  expect(nothing.stdout).toBe("nothing.py is neither a test nor a file that the last run of a watch has used\n");
  watch.end();
});

test("an edited data file is told by who reads it", async () => {
  using project = new Project({
    "pytest.ini": "[pytest]\npythonpath = .\n",
    "app/tax.py": "import json\nwith open('rates.json') as file:\n    RATE = json.load(file)\n",
    "rates.json": "1",
    "data.txt": "1",
    "test_tax.py":
      "from app.tax import RATE\ndef test_rate():\n    assert RATE\ndef test_data():\n    assert open('data.txt').read()\n",
  });
  await using prewarm = new Prewarm(project);
  const watch = new Watch(prewarm);
  await watch.run();
  const saidAfter = async (path: string): Promise<string | undefined> => {
    project.write(path, "2");
    const edit = (await watch.events()).find((event) => event.type === "edit");
    return edit?.files[0]?.what;
  };
  expect(await saidAfter("rates.json")).toBe("read by app.tax at import");
  expect(await saidAfter("data.txt")).toBe("opened by 1 test");
  const why = await prewarm.command(["why", "rates.json"]).finished;
  expect(why.stdout).toContain("  read by           app.tax at import\n");
  watch.end();
});
