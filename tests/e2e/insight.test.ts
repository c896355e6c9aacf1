// What is said of runs: where their time went, on suites whose answer is known by construction.
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import type { Bench } from "../../src/insight/bench.ts";
import { reckonEfficiency } from "../../src/insight/efficiency.ts";
import type { RunEvent, TestCost } from "../../src/protocol/events.ts";
import { formatTime } from "../../src/report/format-time.ts";
import { interpreter } from "../rig/interpreter.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const BARE = { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" };

const COSTS = `import subprocess, sys, time
import pytest

SPIN = "import time\\nend = time.process_time() + 0.1\\nwhile time.process_time() < end: pass"


@pytest.fixture
def inner():
    time.sleep(0.1)


@pytest.fixture
def outer(request):
    request.getfixturevalue("inner")


def test_sleeps():
    time.sleep(0.2)


def test_spins():
    exec(SPIN)


def test_child_spins():
    subprocess.run([sys.executable, "-c", SPIN], check=True)


@pytest.mark.parametrize("n", range(3))
def test_sets_up(n, outer):
    open("ran", "w").close()
`;

test("a measured run tells what each test and fixture takes, in one process as in workers", async () => {
  using project = new Project({ "test_costs.py": COSTS });
  await using prewarm = new Prewarm(project, BARE);
  const plain = await prewarm.run(["-q"]);
  for (const workers of ["1", "2"]) {
    const { stdout, exit } = await prewarm.run([], { flags: ["--detailed", "--json", "-n", workers] });
    expect(exit).toBe(plain.exit);
    const costs = new Map(costsIn(stdout).map((cost) => [cost.id.replace("test_costs.py::", ""), cost]));
    const of = (name: string) => costs.get(name) ?? expect.unreachable(name);
    expect(costs.size).toBe(6);
    expect(of("test_sleeps").call.wallMs).toBeGreaterThanOrEqual(200);
    expect(of("test_sleeps").call.cpuMs).toBeLessThan(of("test_spins").call.cpuMs);
    expect(of("test_spins").call.cpuMs).toBeGreaterThanOrEqual(100);
    expect(of("test_child_spins").call.cpuMs).toBeGreaterThanOrEqual(100);
    for (const n of [0, 1, 2]) {
      const { setup, fixtures } = of(`test_sets_up[${n}]`);
      expect(fixtures.map(({ name, scope, line }) => [name, scope, line])).toEqual([
        ["inner", "function", 7],
        ["outer", "function", 12],
      ]);
      const [inner, outer] = fixtures;
      expect(inner?.wallMs).toBeGreaterThanOrEqual(100);
      // Each has its own time: what both take is not more than the set-up around them, to the thousandth that is told.
      expect(setup.wallMs).toBeGreaterThanOrEqual((inner?.wallMs ?? 0) + (outer?.wallMs ?? 0) - 0.01);
    }
  }
});

test("--detailed leaves pytest's output alone, and ends with a verdict of ours", async () => {
  using project = new Project({ "test_costs.py": COSTS });
  await using prewarm = new Prewarm(project, BARE);
  const { stdout, stderr, exit } = await prewarm.run(["-q", "-k", "sleeps"], { flags: ["--detailed"] });
  expect(exit).toBe(0);
  expect(stdout).toMatch(/^\. +\[100%\]\n1 passed, 5 deselected in .*\n$/);
  const lines = withoutLoad(stderr).trimEnd().split("\n");
  expect(lines.map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual([
    "prewarm: 1",
    "prewarm: wall",
    "prewarm: efficiency",
    "prewarm: CPU",
    "prewarm: a",
    "prewarm: verdict:",
  ]);
});

test("the numbers of --detailed are those of sleepers, a spinner and a shared set-up, and fit together", async () => {
  using project = new Project({ "test_costs.py": COSTS });
  await using prewarm = new Prewarm(project, BARE);
  for (const workers of ["1", "2"]) {
    const { stdout, stderr } = await prewarm.run([], { flags: ["--detailed", "--json", "-n", workers] });
    const cores = availableParallelism();
    const found = reckonEfficiency(costsIn(stdout), cores) ?? expect.unreachable();
    // A sleep of 0.2 s, two times 0.1 s of a processor (one in a child), three set-ups of 0.1 s: no machine takes less.
    expect(found.tests).toBe(6);
    expect(found.workers).toBeLessThanOrEqual(Number(workers));
    expect(found.workMs).toBeGreaterThanOrEqual(700);
    expect(found.cpuMs).toBeGreaterThanOrEqual(200);
    expect(found.workMs - found.cpuMs).toBeGreaterThanOrEqual(0);
    expect(found.floor.ms).toBeGreaterThanOrEqual(200);
    expect(found.wallMs).toBeGreaterThanOrEqual(found.floor.ms);
    expect(found.bestMs).toBe(Math.max(found.workMs / cores, found.floor.ms));
    // Worker time is work, gaps and the wait at the end: nothing is left over.
    expect(found.workMs + found.handOutMs + found.tailMs).toBeCloseTo(found.workers * found.wallMs, 6);
    expect(withoutLoad(stderr)).toContain(
      `\nprewarm: wall ${formatTime(found.wallMs)} · work ${formatTime(found.workMs)} · `,
    );
    expect(withoutLoad(stderr)).toContain(`\nprewarm: CPU ${formatTime(found.cpuMs)}, `);
  }
});

test("--print-workers says how many there would be, and runs no test", async () => {
  using project = new Project({ "test_costs.py": COSTS });
  await using prewarm = new Prewarm(project, BARE);
  const ask = (...flags: string[]) =>
    prewarm.command(["run", "--python", interpreter, "--print-workers", ...flags, "--", "pytest"]).finished;
  expect(await ask("-n", "3")).toMatchObject({ exit: 0, stdout: "3\n" });
  expect(await ask("-n", "50")).toMatchObject({ stdout: "6\n", stderr: expect.stringContaining("50 (asked for)") });
  expect(await ask()).toMatchObject({ exit: 0, stdout: "1\n" });
  expect(existsSync(project.at("ran"))).toBe(false);
  // It stands by no outcome that could be compared.
  expect((await prewarm.command(["verify"]).finished).exit).toBe(75);
  expect((await prewarm.command(["report"]).finished).stdout).toContain(": no run is known\n");
});

/** A machine that runs other tests at the same time is told to be busy. */
function withoutLoad(stderr: string): string {
  return stderr.replace(/^prewarm: the machine was busy before .*\n/m, "");
}

function costsIn(stdout: string): readonly TestCost[] {
  const events = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as RunEvent);
  return events.flatMap((event) => (event.type === "measured" ? [event.test] : []));
}

test("bench ranks what gives back most, and profiles what the longest calls do", async () => {
  using project = new Project({
    "conftest.py": "import time, pytest\n\n\n@pytest.fixture\ndef slow():\n    time.sleep(0.1)\n",
    "test_bench.py": `import time
import pytest


def test_sleeps():
    time.sleep(0.3)


@pytest.mark.parametrize("n", range(6))
def test_sets_up(n, slow):
    pass


def test_counts():
    for _ in range(1000):
        abs(-1)
    time.sleep(0.06)
`,
  });
  await using prewarm = new Prewarm(project, BARE);
  const bench = (...words: string[]) =>
    prewarm.command(["bench", ...words, "--python", interpreter, "--", "pytest"]).finished;
  const told = await bench("2", "--json");
  expect([told.exit, withoutLoad(told.stderr)]).toEqual([0, ""]);
  const found = JSON.parse(told.stdout) as Bench & { readonly profiled: readonly TestCost[] };
  expect(found).toMatchObject({ runs: 1, tests: 8 });
  expect(found.longest.ms).toBeGreaterThanOrEqual(300);
  expect(found.workMs).toBeGreaterThanOrEqual(960);
  expect(found.bestMs).toBe(Math.max(found.workMs / availableParallelism(), found.longest.ms));
  const gains = found.levers.map(({ givesBackMs }) => givesBackMs);
  expect(gains).toEqual(gains.toSorted((one, other) => other - one));
  const lever = (kind: string, where: string) =>
    found.levers.find((each) => each.kind === kind && each.where === where) ?? expect.unreachable(where);
  expect(lever("shared set-up", "fixture slow, conftest.py:4")).toMatchObject({
    evidence: expect.stringMatching(/^scope function: 6 × /),
  });
  expect(lever("shared set-up", "fixture slow, conftest.py:4").givesBackMs).toBeGreaterThanOrEqual(500);
  expect(lever("waiting", "test_bench.py::test_sleeps").givesBackMs).toBeGreaterThanOrEqual(200);
  const calls = found.profiled.find(({ id }) => id.endsWith("test_counts"))?.profile ?? [];
  expect(calls.map(({ name, calls: count }) => [name, count])).toContainEqual(["<built-in method builtins.abs>", 1000]);

  expect((await prewarm.command(["bench", "none", "--", "pytest"]).finished).exit).toBe(64);
});

test("bench tells set-ups that are no fixtures, and heavy ones beside those that many share", async () => {
  using project = new Project({
    "test_bench.py": `import time, unittest
import pytest


@pytest.fixture
def cheap():
    time.sleep(0.01)


class TestShop:
    def setup_method(self):
        time.sleep(0.03)

    @pytest.mark.parametrize("n", range(5))
    def test_a(self, n, cheap):
        pass


class TestCart(unittest.TestCase):
    def setUp(self):
        time.sleep(0.03)

    def test_a(self): pass
    def test_b(self): pass
    def test_c(self): pass
    def test_d(self): pass

    def test_again(self):
        self.setUp()


@pytest.fixture
def heavy():
    time.sleep(0.2)


def test_heavy(heavy):
    pass
`,
  });
  await using prewarm = new Prewarm(project, BARE);
  const { stdout } = await prewarm.command(["bench", "1", "--json", "--python", interpreter, "--", "pytest"]).finished;
  const { levers } = JSON.parse(stdout) as Bench;
  const told = levers.map(({ kind, where, givesBackMs }) => [kind, where, givesBackMs]);
  const least = (ms: number) => expect.toSatisfy((found: number) => found >= ms);
  expect(told).toContainEqual(["shared set-up", "TestShop.setup_method, test_bench.py:11", least(120)]);
  expect(told).toContainEqual(["shared set-up", "TestCart.setUp, test_bench.py:20", least(120)]);
  expect(told).toContainEqual(["shared set-up", "fixture cheap, test_bench.py:5", least(40)]);
  expect(told).toContainEqual(["set-up", "test_bench.py::test_heavy", least(200)]);
});

test("report tells of the last run as Markdown and annotations, and with a command line of a new one as HTML", async () => {
  using project = new Project({ "test_a.py": "def test_a(): pass\n\n\ndef test_b():\n    assert 1 == 2\n" });
  await using prewarm = new Prewarm(project, BARE);
  const report = (...words: string[]) => prewarm.command(["report", "--python", interpreter, ...words]).finished;
  await prewarm.run();
  await prewarm.run();
  const markdown = await report();
  expect(markdown).toMatchObject({ exit: 0, stderr: "" });
  expect(markdown.stdout).toMatch(/^## ✗ .*: 1 failing · last run 1 failed, 1 passed\n/);
  expect(markdown.stdout).toMatch(/1 run took .* where cold runs of the same arguments take /);
  expect((await report("--github")).stdout).toMatch(
    /^::error file=test_a\.py,line=5,title=test_a\.py%3A%3Atest_b::.*\n$/,
  );

  const made = await report("--html", "report.html", "--", "pytest", "-q");
  expect(made).toMatchObject({ exit: 1, stdout: "" });
  const html = readFileSync(project.at("report.html"), "utf8");
  expect([...html.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, title]) => title?.replace(/,.*/, ""))).toEqual([
    "1 failure",
    "Where the time went",
    "The last 3 runs",
    "Slowest tests",
    "What a start imports",
    "What prewarm saved",
  ]);
  expect((await report("--html", "missing/report.html")).exit).toBe(73);
});
