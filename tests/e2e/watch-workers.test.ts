// A watch with several workers: each notes what its tests depend on, and what the watch stands by after an edit is what a cold run says.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { RunEvent } from "../../src/protocol/events.ts";
import { coldOutcomes } from "../rig/cold-outcomes.ts";
import { interpreter } from "../rig/interpreter.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { Watch } from "../rig/watch.ts";

const hasFunctions =
  execFileSync(interpreter, ["-c", "import sys; print(sys.version_info >= (3, 12))"], { encoding: "utf8" }).trim() ===
  "True";

const BARE = { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" };
/** Where the package is installed that tests import. */
const PLAIN = { PYTHONPATH: fileURLToPath(new URL("../../agent", import.meta.url)) };
const TWO = ["-n", "2"];

const CALC = `
def plus(a, b):
    return a + b

def minus(a, b):
    return a - b

def made():
    return 7

def ended():
    pass
`;

const SHARED = "def parse(text):\n    return int(text)\n\ndef close():\n    pass\n";

const CONFTEST = `
import time
import prewarm
import pytest
from app import calc, shared

@pytest.fixture(autouse=True)
def slow():
    # So long that two workers are worth it.
    time.sleep(0.03)

@pytest.fixture(scope="module")
def costly():
    yield calc.made()
    calc.ended()

@prewarm.fixture(scope="run")
def settings():
    with open("settings.txt") as file:
        yield shared.parse(file.read())
    shared.close()

@prewarm.fixture(scope="run")
def answer(settings):
    return settings + 1

@prewarm.fixture(scope="warm", inputs=["schema"])
def schema():
    with open("schema/tables.txt") as file:
        return file.read()
`;

const TESTS = `
import pytest
from app import calc

@pytest.mark.parametrize("number", range(3))
def test_add(number):
    assert calc.plus(number, 1) == number + 1

@pytest.mark.parametrize("number", range(3))
def test_sub(number, costly):
    assert calc.minus(costly, number) == 7 - number

def test_opens():
    with open("data.txt") as file:
        assert file.read() == "5"

def test_settings(settings):
    assert settings == 3

def test_answer(answer):
    assert answer == 4

def test_schema(schema):
    assert schema == "a"

def test_free():
    pass
`;

const FILES = {
  "pytest.ini": "[pytest]\npythonpath = .\n",
  "app/__init__.py": "",
  "app/calc.py": CALC,
  "app/shared.py": SHARED,
  "conftest.py": CONFTEST,
  "data.txt": "5",
  "settings.txt": "3",
  "schema/tables.txt": "a",
  "test_a.py": TESTS,
  "test_b.py": TESTS,
  "test_c.py": TESTS,
};

test("after each of many edits it stands by what a cold run says, and leaves out what the edit cannot affect", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project, BARE);
  const watch = new Watch(prewarm, TWO);
  const standing = new Map<string, string>();
  const total = 33;
  /** How often each of the tests ran, by its name without file and parameters. */
  const look = async (): Promise<ReadonlyMap<string, number>> => {
    const events = await watch.events();
    const finished = events.filter((event) => event.type === "test-finished");
    for (const { id, outcome } of finished) standing.set(id, outcome);
    const cold = await coldOutcomes(prewarm, [], PLAIN);
    expect(Object.fromEntries([...standing].filter(([id]) => id in cold))).toEqual(cold);
    expect(workersOf(events)).toBe(2);
    const ran = new Map<string, number>();
    for (const name of finished.map(({ id }) => id.replace(/^.*::/, "").replace(/\[.*/, "")))
      ran.set(name, (ran.get(name) ?? 0) + 1);
    return ran;
  };
  const first = await look();
  expect([...first.values()].reduce((sum, count) => sum + count)).toBe(total);
  for (const [path, text, affected] of [
    ["data.txt", "6", ["test_opens"]],
    ["settings.txt", "4", ["test_answer", "test_settings"]],
    ["data.txt", "5", ["test_opens"]],
    ["schema/tables.txt", "b", ["test_schema"]],
    ["settings.txt", "3", ["test_answer", "test_settings"]],
  ] as const) {
    project.write(path, text);
    const ran = await look();
    for (const name of affected) expect(ran.get(name), `${path}: ${text}`).toBe(3);
    // Whichever was the last of a worker has torn down what others used, and depends on the same.
    expect(ran.get("test_add") ?? 0, `${path}: ${text}`).toBeLessThanOrEqual(2);
  }
  for (const [path, text, affected, others] of [
    ["app/calc.py", CALC.replace("a - b", "a - b + 1"), ["test_sub"], ["test_add"]],
    ["app/calc.py", CALC.replace("    pass", "    assert True"), ["test_sub"], ["test_settings"]],
    ["app/shared.py", SHARED.replace("int(text)", "int(text) + 1"), ["test_settings", "test_answer"], ["test_add"]],
    ["app/shared.py", SHARED.replace("    pass", "    assert True"), ["test_settings", "test_answer"], ["test_add"]],
    ["app/calc.py", CALC.replace("a + b", "a - b"), ["test_add"], ["test_settings"]],
    ["conftest.py", CONFTEST.replace("settings + 1", "settings + 2"), ["test_answer"], []],
  ] as const) {
    project.write(path, text);
    const ran = await look();
    for (const name of affected) expect(ran.get(name), path).toBeGreaterThan(0);
    if (hasFunctions) for (const name of others) expect(ran.get(name) ?? 0, path).toBeLessThanOrEqual(2);
  }
  watch.end();
});

test("what a worker ran that died later is not known, and runs with the next edit", async () => {
  // What takes that long is told before the next test begins.
  const free = "import os, time\n\n\ndef test_free():\n    time.sleep(0.05)\n\n\n";
  const dies = "def test_dies():\n    os.kill(os.getpid(), 9)\n";
  const reads = "def test_reads():\n    open('data.txt').close()\n";
  using project = new Project({ "test_one.py": free + dies, "test_two.py": free + reads, "data.txt": "1" });
  await using prewarm = new Prewarm(project, BARE);
  const watch = new Watch(prewarm, [...TWO, "--dist", "loadfile"]);
  const lost = { "test_one.py::test_free": "passed", "test_one.py::test_dies": "failed" };
  const reading = { "test_two.py::test_reads": "passed" };
  expect(await watch.run()).toEqual({ ...lost, "test_two.py::test_free": "passed", ...reading });
  project.write("data.txt", "2");
  expect(await watch.run()).toEqual({ ...lost, ...reading });
  project.write("data.txt", "3");
  expect(await watch.run()).toEqual({ ...lost, ...reading });
  watch.end();
});

test("one process runs what takes no longer than to fork another", async () => {
  using project = new Project({
    "test_a.py": "def test_a():\n    pass\n\n\ndef test_b():\n    open('data').close()\n",
    data: "",
  });
  await using prewarm = new Prewarm(project, BARE);
  const watch = new Watch(prewarm, TWO);
  expect(workersOf(await watch.events())).toBe(2);
  project.write("data", "1");
  const events = await watch.events();
  expect(outcomesOf(events)).toEqual({ "test_a.py::test_b": "passed" });
  expect(workersOf(events)).toBe(1);
  watch.end();
});

test("where every worker is to run each test, a watch runs it once and says so", async () => {
  using project = new Project({ "test_a.py": "def test_a():\n    pass\n\n\ndef test_b():\n    pass\n" });
  await using prewarm = new Prewarm(project, BARE);
  const watch = new Watch(prewarm, [...TWO, "--dist", "each"]);
  const events = await watch.events();
  expect(events.filter(({ type }) => type === "warning")).toMatchObject([{ code: "one-worker" }]);
  const finished = events.filter((event) => event.type === "test-finished");
  expect(finished.map(({ worker }) => worker)).toEqual([undefined, undefined]);
  watch.end();
});

function workersOf(events: readonly RunEvent[]): number {
  return events.find((event) => event.type === "workers")?.count ?? 1;
}

function outcomesOf(events: readonly RunEvent[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    events.flatMap((event) => (event.type === "test-finished" ? [[event.id, event.outcome]] : [])),
  );
}
