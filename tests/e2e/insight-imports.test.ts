// What a start costs, and what stands in the way of a warm one, on projects whose answer is known by construction.
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { ImportFacts } from "../../src/insight/import-facts.ts";
import { interpreter } from "../rig/interpreter.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const BARE = { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" };

const SLOW = {
  "env/site-packages/slowlib/__init__.py": "import time\ntime.sleep(0.3)\nimport slowlib.part\n",
  "env/site-packages/slowlib/part.py": "import time\ntime.sleep(0.2)\n",
  "src/app.py": "import middling\nimport slowlib\n",
  "src/middling.py": "import time\ntime.sleep(0.15)\n",
  "conftest.py":
    "import sys, pathlib\nhere = pathlib.Path(__file__).parent\nsys.path[:0] = [str(here / 'src'), str(here / 'env/site-packages')]\nimport app\n",
  "test_a.py": "def test_a(): pass\ndef test_b(): pass\n",
};

test.for(["prepend", "importlib"])("imports ranks what a start waits for, and names the line (%s)", async (mode) => {
  using project = new Project(SLOW);
  await using prewarm = new Prewarm(project, BARE);
  const ask = (...flags: string[]) =>
    prewarm.command(["imports", "--python", interpreter, ...flags, "--", "pytest", `--import-mode=${mode}`]).finished;

  const told = await ask("--flame", "flame.svg");
  expect(told).toMatchObject({ exit: 0, stderr: "" });
  const lines = told.stdout.trimEnd().split("\n");
  expect(lines[0]).toMatch(/^ +\S+ s ▇{20} {2}pytest --import-mode=\w+: 2 tests, /);
  const tree = lines.filter((line) => /slowlib|application/.test(line)).map((line) => line.replace(/^.{31}/, ""));
  expect(tree[0]).toBe("│ ├ slowlib   first by src/app.py:2");
  expect(tree[1]).toMatch(/^├ application {3}2 modules; most by itself: (?:middling|app) /);
  // Which of them a busy machine has made wait is no matter: all three save more than anything else, and `app` the other two.
  const ranked = lines
    .slice(lines.indexOf("would save most if imported on first use:") + 1)
    .map((line) => line.replace(/^ *\d+ +\S+ m?s +/, ""));
  expect(ranked[0]).toMatch(/^app \(\d+ modules\): only conftest\.py:4 imports it$/);
  expect(ranked).toContain("slowlib (2 modules): only src/app.py:2 imports it");
  expect(ranked).toContain("middling (1 module): only src/app.py:1 imports it");
  expect(readFileSync(project.at("flame.svg"), "utf8")).toContain("<title>slowlib.part: ");

  const facts = JSON.parse((await ask("--json")).stdout) as ImportFacts;
  const of = (name: string) => {
    const row = facts.modules.find(([each]) => each === name) ?? expect.unreachable(name);
    return { totalMs: row[6], ownMs: row[7] };
  };
  expect(of("slowlib.part").ownMs).toBeGreaterThanOrEqual(200);
  expect(of("slowlib").ownMs).toBeGreaterThanOrEqual(300);
  expect(of("slowlib").totalMs).toBeGreaterThanOrEqual(500);
  // What it imports is not its own, to the thousandth of a millisecond that is told.
  const within = of("slowlib").totalMs + of("middling").totalMs;
  expect(within).toBeGreaterThanOrEqual(650);
  expect(of("app").totalMs - of("app").ownMs).toBeGreaterThanOrEqual(within - 0.01);
  expect(facts.edges).toContainEqual([project.at("src/app.py"), "slowlib", 2]);
});

test("a start that does not come to its end is told, and leaves no picture", async () => {
  using project = new Project({ "conftest.py": "import os\nos._exit(3)\n", "test_a.py": "" });
  await using prewarm = new Prewarm(project, BARE);
  const told = await prewarm.command(["imports", "--python", interpreter, "--flame", "flame.svg"]).finished;
  expect(told).toMatchObject({ exit: 75, stdout: "", stderr: expect.stringContaining("error[not-probed]") });
  expect(existsSync(project.at("flame.svg"))).toBe(false);
});

test("doctor names the lines whose threads, loops and libraries stand in the way, and says so by its exit code", async () => {
  using project = new Project({
    "conftest.py": "",
    "metrics.py": "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n",
    "loops.py": "import asyncio\nloop = asyncio.new_event_loop()\n",
    "native.py": "import ctypes, socket\nctypes.CDLL(None).socket(socket.AF_UNIX.value, socket.SOCK_STREAM.value, 0)\n",
    "stored.py":
      "import sqlite3\n\nconnection = sqlite3.connect('data.db')\nclosed = sqlite3.connect('other.db').close()\n",
    "spawned.py":
      "import os, subprocess, sys\ntail = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE)\nsubprocess.run([sys.executable, '-c', ''])\nend, kept = os.pipe()\nif os.fork() == 0:\n    os.close(kept)\n    os.read(end, 1)\n    os._exit(0)\n",
    "test_a.py": "import metrics, loops, native, stored, spawned\ndef test_a(): pass\n",
    "test_b.py": "import ctypes\nctypes.CDLL('libprewarmhasnone.so.3')\n",
  });
  await using prewarm = new Prewarm(project, BARE);
  const ask = (...flags: string[]) => prewarm.command(["doctor", "--python", interpreter, ...flags]).finished;
  const told = await ask();
  expect(told.exit).toBe(1);
  expect(told.stdout).toContain("✗ threads     metrics.py:2 (in metrics) starts a thread that still runs\n");
  expect(told.stdout).toContain("? loops       loops.py:2 (in loops) makes an event loop that stays open\n");
  expect(told.stdout).toContain("? sockets     native.py (in native) opens a socket that stays open\n");
  expect(told.stdout).toContain("? connections stored.py:3 (in stored) opens a connection that stays open\n");
  expect(told.stdout).not.toContain("stored.py:4");
  expect(told.stdout).toContain("? processes   spawned.py:2 (in spawned) starts a process that still runs\n");
  expect(told.stdout).toContain("? processes   spawned.py:5 (in spawned) starts a process that still runs\n");
  expect(told.stdout).not.toContain("spawned.py:3");
  expect(told.stdout).toContain("✗ libraries   the system has no libprewarmhasnone.so.3, which an import needs\n");
  expect(told.stdout).toContain("? collecting  test_b.py does not collect\n");

  project.write("test_a.py", "def test_a(): pass\n");
  project.write("test_b.py", "def test_b(): pass\n");
  const fine = await ask("--all");
  expect(fine.exit).toBe(0);
  expect(fine.stdout).toContain("✓ collecting  2 tests in files that all collect\n");
  expect(fine.stdout).toMatch(/^0 in the way · /m);

  project.write("pytest.ini", "[pytest]\nlog_cli = true\n");
  const plain = await ask();
  expect(plain).toMatchObject({
    exit: 1,
    stdout: expect.stringContaining("✗ pytest      every run is plain pytest: "),
  });

  project.write("conftest.py", "import os\nos._exit(3)\n");
  expect(await ask()).toMatchObject({ exit: 2, stdout: "" });
});

test("doctor --fix ends a daemon that does not answer", async () => {
  using project = new Project({ "test_a.py": "def test_a(): pass\n" });
  await using prewarm = new Prewarm(project, BARE);
  await prewarm.run();
  const { pid } = await prewarm.status();
  process.kill(pid, "SIGSTOP");
  const fixed = await prewarm.command(["doctor", "--fix", "--python", interpreter]).finished;
  expect(fixed).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining(`✓ mended      the daemon ${pid} that did not answer was ended\n`),
  });
  expect((await prewarm.run()).exit).toBe(0);
  expect((await prewarm.status()).pid).not.toBe(pid);
});
