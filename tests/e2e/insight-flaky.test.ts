// The same tests again and again by warm forks: which are not the same each time, and which order makes one fail.
import { expect, test } from "vitest";
import { interpreter } from "../rig/interpreter.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const EVERY_THIRD = `import pathlib

RUNS = pathlib.Path(__file__).with_name("runs")


def test_every_third():
    RUNS.open("a").write("x")
    assert len(RUNS.read_text()) % 3 != 0, "the third time"


def test_always():
    pass
`;

test("--repeat runs in new processes, and tells which tests are not the same in all of them", async () => {
  using project = new Project({ "test_a.py": EVERY_THIRD });
  await using prewarm = new Prewarm(project);
  const repeat = (...flags: string[]) =>
    prewarm.command(["run", "--python", interpreter, ...flags, "--", "pytest", "-q"]).finished;

  const six = await repeat("--repeat", "6");
  expect(six.exit).toBe(1);
  expect(six.stdout).toContain("AssertionError: the third time");
  expect(linesOf(six.stdout)).toEqual([
    expect.stringMatching(/^✗ 6 runs in .*, each in a process of its own: 4 passed, 2 failed \(/),
    "~ test_a.py::test_every_third   passed 4, failed 2 of 6 (fails 33 %, first in run 3)",
  ]);

  const until = await repeat("--until-fail");
  expect(until.exit).toBe(1);
  expect(linesOf(until.stdout)[0]).toMatch(/^✗ 3 runs in .*: 2 passed, 1 failed \(/);

  const passing = await repeat("--until-fail", "--repeat", "2");
  expect(passing.exit).toBe(0);
  expect(passing.stdout).toMatch(/^✓ 2 runs in .*: all passed \(.*\n$/);

  const known = await prewarm.command(["flaky"]).finished;
  expect(known.exit).toBe(1);
  expect(known.stdout).toMatch(/^1 test passed and failed on the same code:\n~ test_a\.py::test_every_third\n/);
  expect(known.stdout).toContain("fails 27 %: 3 of 11 runs · ✓✗✓✓✗✓✓✗✓✓ ·");

  project.write("test_a.py", "def test_every_third(): assert False");
  expect((await repeat("--repeat", "1")).exit).toBe(1);
  const broken = await prewarm.command(["flaky", "--json"]).finished;
  expect(JSON.parse(broken.stdout)).toMatchObject({ tests: [{ runs: 12, failures: 4 }] });
});

test("what ends a run before its tests ends the repetition, with pytest's words", async () => {
  using project = new Project({ "test_a.py": "def test_a(): pass" });
  await using prewarm = new Prewarm(project);
  const end = await prewarm.command(["run", "--python", interpreter, "--repeat", "5", "--", "pytest", "gone.py"])
    .finished;
  expect(end.exit).toBe(4);
  expect(end.stderr).toContain("file or directory not found: gone.py");
});

test("bisect-order finds the test that leaves something behind for another", async () => {
  const others = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => `def test_${from + index}(): pass\n`).join("");
  using project = new Project({
    "state.py": "seen = []",
    "test_a.py": `import state\n${others(0, 12)}def test_leaves(): state.seen.append(1)\n${others(12, 20)}`,
    "test_b.py": `import state\n${others(0, 5)}def test_minds(): assert not state.seen\ndef test_fails(): assert False\n`,
    "conftest.py": "",
  });
  await using prewarm = new Prewarm(project);
  const bisect = (id: string) => prewarm.command(["bisect-order", "--python", interpreter, id]).finished;

  const found = await bisect("test_b.py::test_minds");
  expect(found).toMatchObject({ exit: 0, stderr: "" });
  const [first, ...rest] = linesOf(found.stdout);
  expect(first).toMatch(/^✗ test_b\.py::test_minds fails behind 1 test of 26, and passes alone · \d+ trials in /);
  expect(rest).toEqual([
    "   test_a.py::test_leaves",
    "   next: prewarm run -n 1 -- pytest test_a.py::test_leaves test_b.py::test_minds",
  ]);

  const alone = await bisect("test_b.py::test_fails");
  expect(alone.exit).toBe(1);
  expect(alone.stdout).toMatch(
    /^✗ it fails alone and behind the 27 tests before it: the order is not the reason · 2 trials/,
  );

  expect(await bisect("test_b.py::test_gone")).toMatchObject({ exit: 64, stdout: "" });
});

function linesOf(stdout: string): readonly string[] {
  const lines = stdout.trimEnd().split("\n");
  return lines.slice(lines.findIndex((line) => /^[✗✓~]/.test(line)));
}
