// What tests and fixtures begin and do not end: told with who began it, ended with the run, never a part of the verdict unless asked for.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Prewarm, type RunOptions } from "../rig/prewarm.ts";
import { untilGone } from "../rig/processes.ts";
import { Project } from "../rig/project.ts";

const BARE = { env: { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" } };
const workers = (count: number, ...flags: readonly string[]): RunOptions => ({
  ...BARE,
  flags: ["-n", `${count}`, ...flags],
});

const LEAKS = {
  "conftest.py": `import subprocess, threading
import pytest


@pytest.fixture(scope="module")
def server():
    yield subprocess.Popen(["sleep", "3600"])


@pytest.fixture(scope="module")
def tidy():
    process = subprocess.Popen(["sleep", "3600"])
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    yield
    process.kill()
    process.wait()
    end.set()
    thread.join()


@pytest.fixture
def half():
    subprocess.Popen(["sleep", "3602"])
    raise OSError("no room")
`,
  "test_a.py": `import os, socket, subprocess, sys, tempfile, threading, time

KEPT = []


def test_tidy(tidy, tmp_path):
    subprocess.run(["true"])
    tempfile.mkdtemp(dir=tmp_path)
    with open("notes", "w") as file, socket.socket():
        file.write("1")
    threading.Thread(target=time.sleep, args=(0,)).start()


def test_server(server):
    pass


def test_processes():
    KEPT.append(subprocess.Popen(["sleep", "3601"], start_new_session=True))
    subprocess.Popen("sleep 3603 &", shell=True).wait()


def test_thread():
    threading.Thread(target=time.sleep, args=(3600,), daemon=True, name="counts").start()


def test_descriptors():
    KEPT.append(open("notes"))
    KEPT.append(socket.create_server(("127.0.0.1", 0)))


def test_surroundings():
    os.environ["MODE"] = "slow"
    sys.path.insert(0, "/nowhere")
    os.chdir("/")


def test_undone(monkeypatch):
    monkeypatch.setenv("FLAG", "1")
    monkeypatch.syspath_prepend("/elsewhere")


def test_half(half):
    pass
`,
};

const TOLD = [
  "cwd / · test_a.py::test_surroundings · test_a.py:35",
  "file notes · test_a.py::test_descriptors · test_a.py:28",
  "process sleep 3600 · fixture server · conftest.py:7",
  "process sleep 3601 · test_a.py::test_processes · test_a.py:19",
  "process sleep 3602 · fixture half · conftest.py:25",
  "process sleep 3603 · test_a.py::test_processes",
  "socket 127.0.0.1 · test_a.py::test_descriptors · test_a.py:29",
  "sys.path /nowhere · test_a.py::test_surroundings",
  "thread counts · test_a.py::test_thread · test_a.py:24",
  "variable MODE · test_a.py::test_surroundings · test_a.py:33",
];

test("what is left is told with its origin, its processes end, and the verdict is a cold run's", async () => {
  using project = new Project({ ...LEAKS, notes: "" });
  await using prewarm = new Prewarm(project);
  const plain = await prewarm.plain(["-q"], BARE);
  for (const { pid } of prewarm.processes()) process.kill(pid);
  await prewarm.untilNothingIsLeft();
  // With one process, with one that is warm, and with workers: each file is one worker's.
  for (const options of [BARE, BARE, { ...workers(2, "--dist", "loadfile") }]) {
    project.write("test_b.py", "def test_b():\n    pass\n");
    const run = await prewarm.run(["-q"], options);
    expect(run.exit).toBe(plain.exit);
    expect(run.stdout).toContain("OSError: no room");
    expect(run.stdout).toContain("1 error");
    expect(toldBy(run.stderr, project.root)).toEqual(TOLD);
    await untilGone(() => prewarm.processes().filter(({ words }) => words.includes("sleep")));
  }
});

test("what pytest itself has put on the path and takes off at its end is nobody's leak", async () => {
  using project = new Project({
    "pytest.ini": "[pytest]\npythonpath = lib\n",
    "lib/shop.py": "PRICE = 1\n",
    "test_a.py": "from shop import PRICE\n\n\ndef test_a():\n    assert PRICE\n",
  });
  await using prewarm = new Prewarm(project);
  for (const options of [BARE, BARE, workers(2)]) {
    const run = await prewarm.run([], options);
    expect(run.outcomes).toEqual({ "test_a.py::test_a": "passed" });
    expect(toldBy(run.stderr, project.root)).toEqual([]);
  }
});

test("with --leaks fail a leak is an error of its test, or of the last one where it is a fixture's", async () => {
  using project = new Project({ ...LEAKS, notes: "" });
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run([], workers(1, "--leaks", "fail"));
  expect(run.exit).toBe(1);
  expect(run.outcomes).toEqual({
    "test_a.py::test_tidy": "passed",
    "test_a.py::test_server": "passed",
    "test_a.py::test_processes": "error",
    "test_a.py::test_thread": "error",
    "test_a.py::test_descriptors": "error",
    "test_a.py::test_surroundings": "error",
    "test_a.py::test_undone": "passed",
    "test_a.py::test_half": "error",
  });
  expect(run.stdout).toContain("process sleep 3601, begun by test_a.py::test_processes test_a.py:19");
  const fixture = await prewarm.run(["-k", "server"], workers(1, "--leaks", "fail"));
  expect(fixture.outcomes).toEqual({ "test_a.py::test_server": "error" });
  expect(fixture.stdout).toContain("process sleep 3600, begun by fixture server conftest.py:7");
});

test("with --leaks off nobody looks, and what was started lives on", async () => {
  const tests = `import subprocess


def test_starts():
    with open("pid", "w") as file:
        file.write(str(subprocess.Popen(["sleep", "3600"]).pid))
`;
  using project = new Project({ "test_a.py": tests });
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run([], workers(1, "--leaks", "off"));
  const pid = Number(readFileSync(project.at("pid"), "utf8"));
  expect(prewarm.processes().map((each) => each.pid)).toContain(pid);
  process.kill(pid);
  expect(run).toMatchObject({ exit: 0, stderr: "" });
});

test("what a worker has started ends with the run, though the worker was killed", async () => {
  const tests = `import os, subprocess


def test_dies():
    subprocess.Popen(["sleep", "3600"])
    os.kill(os.getpid(), 9)


def test_other():
    pass
`;
  using project = new Project({ "test_a.py": tests });
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run([], workers(2));
  expect(run.outcomes).toEqual({ "test_a.py::test_dies": "failed", "test_a.py::test_other": "passed" });
  expect(toldBy(run.stderr, project.root)).toEqual(["process sleep 3600 · test_a.py::test_dies"]);
  await untilGone(() => prewarm.processes().filter(({ words }) => words.includes("sleep")));
});

test("what a warm fixture has started ends when its set-up fails half-way", async () => {
  const conftest = `import subprocess
import prewarm


@prewarm.fixture(scope="warm")
def server():
    subprocess.Popen(["sleep", "3600"])
    raise OSError("it does not answer")
`;
  using project = new Project({ "conftest.py": conftest, "test_a.py": "def test_a(server):\n    pass\n" });
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run([], BARE);
  expect(run.stdout).toContain("OSError: it does not answer");
  await untilGone(() => prewarm.processes().filter(({ words }) => words.includes("sleep")));
});

/** The lines of the warning, sorted, without what differs from run to run. */
function toldBy(stderr: string, root: string): readonly string[] {
  const lines = stderr.split("\n").filter((line) => line.startsWith("  ") && line.includes(" · "));
  return lines
    .map((line) =>
      line
        .trim()
        .replaceAll(`${root}/`, "")
        .replace(/\('([\d.]+)', \d+\)/, "$1"),
    )
    .toSorted();
}
