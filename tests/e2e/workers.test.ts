// Several workers: the same outcomes, exit code and reports as one process has, and what a worker is to a test.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Prewarm, type RunOptions } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const XDIST = { env: { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1", PYTEST_PLUGINS: "xdist.plugin" } };
const BARE = { env: { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" } };
const TWO: RunOptions = { ...BARE, flags: ["-n", "2"] };

const MIXED = `import os, sys, warnings
import pytest


@pytest.mark.parametrize("number", range(20))
def test_number(number):
    print("prints", number)
    assert number != 7


def test_skips():
    pytest.skip("not here")


@pytest.mark.xfail
def test_fails_as_expected():
    assert False


@pytest.mark.xfail
def test_passes_unexpectedly():
    pass


@pytest.fixture
def broken():
    raise ValueError("no set-up")


def test_error(broken):
    pass


def test_property(record_property):
    record_property("colour", "blue")


def test_warns():
    warnings.warn("old", DeprecationWarning)


def test_writes_on_the_descriptor():
    os.write(1, b"raw bytes")
    assert False
`;

test("two workers report what one process reports, in the terminal, the JUnit file and the cache", async () => {
  using project = new Project({ "test_a.py": MIXED, "test_b.py": MIXED });
  await using prewarm = new Prewarm(project);
  const one = await prewarm.run(["--junitxml", "one.xml", "-rA"], { ...BARE, flags: ["-n", "1"] });
  const cacheOfOne = project.at(".pytest_cache/v/cache/lastfailed");
  const failedOfOne = JSON.parse(readFileSync(cacheOfOne, "utf8"));
  for (const way of ["first", "second"]) {
    const two = await prewarm.run(["--junitxml", "two.xml", "-rA"], TWO);
    expect(two.exit, way).toBe(one.exit);
    expect(two.outcomes, way).toEqual(one.outcomes);
    expect(summary(two.stdout), way).toEqual(summary(one.stdout));
    expect(testcases(project, "two.xml"), way).toEqual(testcases(project, "one.xml"));
    expect(JSON.parse(readFileSync(cacheOfOne, "utf8")), way).toEqual(failedOfOne);
    expect(two.stdout, way).toContain("DeprecationWarning: old");
    expect(two.stdout, way).toContain("raw bytes");
    expect(two.stdout, way).toMatch(/^\[gw[01]\] linux -- Python/m);
  }
  const failed = await prewarm.run(["--lf"], TWO);
  expect(new Set(Object.keys(failed.outcomes ?? {}))).toEqual(new Set(Object.keys(failedOfOne)));
});

test("a worker looks like one of pytest-xdist", async () => {
  const source = `import os
import pytest


def pytest_configure_node(node):
    node.workerinput["said"] = f"to {node.gateway.id}"


@pytest.fixture(scope="session")
def once(tmp_path_factory, worker_id):
    return tmp_path_factory.getbasetemp(), worker_id
`;
  const tests = `import os
import pytest


@pytest.mark.parametrize("number", range(8))
def test_who(number, request, once, testrun_uid, record_property):
    base, worker_id = once
    config = request.config
    assert worker_id in ("gw0", "gw1")
    assert os.environ["PYTEST_XDIST_WORKER"] == worker_id == config.workerinput["workerid"]
    assert os.environ["PYTEST_XDIST_WORKER_COUNT"] == "2" == str(config.workerinput["workercount"])
    assert os.environ["PYTEST_XDIST_TESTRUNUID"] == testrun_uid == config.workerinput["testrunuid"]
    assert config.workerinput["said"] == f"to {worker_id}"
    assert base.name == f"popen-{worker_id}"
    config.pluginmanager.getplugin("terminalreporter").write_line("nobody reads this")
`;
  using project = new Project({ "conftest.py": source, "test_a.py": tests, "test_b.py": tests });
  await using prewarm = new Prewarm(project);
  for (const args of [
    ["-n", "2"],
    ["-n2", "--dist", "loadfile"],
    ["-n", "2", "--dist=worksteal"],
  ]) {
    const xdist = await prewarm.plain(args, XDIST);
    const run = await prewarm.run(args, XDIST);
    expect(run.exit, `${args}: ${run.stdout}`).toBe(0);
    expect(xdist.exit, xdist.stdout).toBe(0);
    expect(Object.keys(run.outcomes ?? {}).length).toBe(16);
  }
});

test("pytest-xdist's options in the configuration are taken over", async () => {
  const inis = { "pytest.ini": "[pytest]\naddopts = -n 2 --dist loadfile\n" };
  const tests =
    "import os\n\n\ndef test_a():\n    print(__name__, os.environ['PYTEST_XDIST_WORKER'])\n    assert 0\n\n\ndef test_b():\n    test_a()\n";
  using project = new Project({ ...inis, "test_a.py": tests, "test_b.py": tests });
  await using prewarm = new Prewarm(project);
  for (const way of ["cold", "warm"]) {
    const run = await prewarm.run([], XDIST);
    const said = [...run.stdout.matchAll(/^test_[ab] gw[01]$/gm)].map(([line]) => line);
    // A file is one worker's.
    expect([said.length, new Set(said).size], way).toEqual([4, 2]);
    expect((await prewarm.status()).lastRecord?.way).toBe(way);
  }
  // Our own flag counts more.
  const one = await prewarm.run([], { ...XDIST, flags: ["-n", "1"] });
  expect(one.stdout).toContain("KeyError: 'PYTEST_XDIST_WORKER'");
});

test("tests of one group run in one worker", async () => {
  const tests = `import os
import pytest

seen = set()


@pytest.mark.xdist_group("database")
@pytest.mark.parametrize("number", range(6))
def test_group(number):
    seen.add(number)
    assert seen == set(range(number + 1))


@pytest.mark.parametrize("number", range(6))
def test_other(number):
    pass
`;
  using project = new Project({ "test_a.py": tests });
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run(["-n", "2", "--dist", "loadgroup"], XDIST);
  expect(run.exit, run.stdout).toBe(0);
});

test("with -s each line that a worker or its child prints comes as it is printed, with the worker's name", async () => {
  const tests = `import os, subprocess, sys, time


def test_prints():
    print("first", flush=True)
    while not os.path.exists("go"):
        time.sleep(0.01)
    print("second")
    subprocess.run(["echo", "from a child"])
    print("to the error stream", file=sys.stderr)
    sys.stdout.write("no end of line")


def test_other():
    pass
`;
  using project = new Project({ "test_a.py": tests });
  await using prewarm = new Prewarm(project);
  const run = prewarm.start(["-s"], TWO);
  await run.command.writes(" | first\n");
  project.write("go", "");
  const { exit, stdout, stderr } = await run.finished;
  expect(exit).toBe(0);
  const said = stdout.split("\n").filter((line) => / \| /.test(line));
  expect(said.map((line) => line.slice(2).replace(/^[01] /, ""))).toEqual([
    "| first",
    "| second",
    "| from a child",
    "| no end of line",
  ]);
  expect(stderr).toMatch(/^gw[01] \| to the error stream$/m);
});

test("each worker runs every test where that is asked for", async () => {
  const tests = "def test_a():\n    pass\n\n\ndef test_b():\n    pass\n";
  using project = new Project({ "test_a.py": tests });
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run([], { ...BARE, flags: ["-n", "3", "--dist", "each"] });
  expect(run.exit).toBe(0);
  expect(run.stdout).toContain("6 passed");
});

test.for([["-x"], ["--maxfail=3"]])("%s stops all workers", async ([option = ""]) => {
  const tests = `import pytest


@pytest.mark.parametrize("number", range(200))
def test_number(number):
    assert number % 2
`;
  using project = new Project({ "test_a.py": tests });
  await using prewarm = new Prewarm(project);
  const plain = await prewarm.plain([option], BARE);
  const run = await prewarm.run([option], TWO);
  expect(run.exit).toBe(plain.exit);
  expect(run.stdout).toMatch(/!!!! stopping after \d failures !!!!/);
  expect(Object.keys(run.outcomes ?? {}).length).toBeLessThan(200);
});

test("fixtures of a file are set up once where its tests stay together, and torn down at the end", async () => {
  const tests = `import os
import pytest


@pytest.fixture(scope="module")
def costly(request):
    with open("log", "a") as log:
        log.write(f"up {request.node.name}\\n")
    yield
    with open("log", "a") as log:
        log.write(f"down {request.node.name}\\n")


@pytest.mark.parametrize("number", range(10))
def test_number(number, costly):
    pass
`;
  using project = new Project({ "test_a.py": tests, "test_b.py": tests, "test_c.py": tests });
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run([], TWO);
  expect(run.exit).toBe(0);
  const log = readFileSync(project.at("log"), "utf8").trim().split("\n").toSorted();
  const said = (word: string) => log.filter((line) => line.startsWith(word)).map((line) => line.slice(word.length));
  expect(said("down ")).toEqual(said("up "));
  // The last one is divided on a slow machine, where its rest takes long and a worker has nothing else to do.
  expect(said("up ").filter((name) => name === "test_a.py")).toEqual(["test_a.py"]);
  expect(new Set(said("up "))).toEqual(new Set(["test_a.py", "test_b.py", "test_c.py"]));
});

test("a generator that was seeded at import goes on in each worker", async () => {
  const files = {
    "conftest.py": "import random\n\nrandom.seed(7)\n",
    "test_a.py":
      "import random\n\n\ndef test_a():\n    assert random.random() == 0.32383276483316237\n\n\ndef test_b():\n    pass\n",
  };
  using project = new Project(files);
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run([], { ...BARE, flags: ["-n", "2", "--dist", "each"] });
  expect(run.stdout).toContain("4 passed");
});

/** The lines of pytest's short summary, in a fixed order. */
function summary(stdout: string): readonly string[] {
  const start = stdout.indexOf("short test summary info");
  return stdout.slice(start).split("\n").slice(1, -2).toSorted();
}

/** The test cases of a JUnit file without times, in a fixed order. */
function testcases(project: Project, name: string): readonly string[] {
  const text = readFileSync(project.at(name), "utf8");
  return [...text.matchAll(/<testcase .*?(?:\/>|<\/testcase>)/gs)]
    .map(([each]) => each.replaceAll(/ time="[^"]*"/g, "").replaceAll(/\[gw\d\] [^\n]*\n/g, ""))
    .toSorted();
}
