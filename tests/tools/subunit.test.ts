// The subunit streams, read by python-subunit itself; and stestr, with prewarm in the place of its Python.
import { expect, test } from "vitest";
import { interpreter } from "../rig/interpreter.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { bytesOf, runTool } from "../rig/tools.ts";

const PROJECT = {
  ".stestr.conf": "[DEFAULT]\ntest_path=tests\n",
  "tests/test_all.py": `
import pytest
def test_passes(): pass
@pytest.mark.parametrize("n", ["é", "b c"])
def test_named(n): pass
def test_fails():
    print("printed")
    assert "ü" == "u", "x" * 300_000
def test_skips(): pytest.skip("no")
@pytest.mark.xfail
def test_xfails(): assert False
@pytest.mark.xfail
def test_xpasses(): pass
@pytest.fixture
def broken(): raise OSError("no set-up")
def test_errs(broken): pass
`,
};
const IDS = ["passes", "named[\\xe9]", "named[b c]", "fails", "skips", "xfails", "xpasses", "errs"].map(
  (name) => `tests/test_all.py::test_${name}`,
);
const env = { PREWARM_PYTHON: interpreter };

test("python-subunit reads a run and a list, and says what pytest says", async () => {
  using project = new Project(PROJECT);
  await using prewarm = new Prewarm(project, env);
  const place = { cwd: project.root, env: prewarm.environment() };
  const streamOf = (words: readonly string[]) => bytesOf(prewarm.words(words).words, place);
  const readers = { ...place, env: { ...place.env, PYTHONIOENCODING: "utf-8" } };

  const run = await streamOf(["run", "--format", "subunit", "--", "pytest", "tests"]);
  expect(run.exit).toBe(1);
  const stats = await runTool("subunit-stats", [], { ...readers, input: run.bytes });
  expect(stats.stdout.replaceAll(/ +/g, " ").trim().split("\n")).toEqual([
    "Total tests: 8",
    "Passed tests: 5",
    "Failed tests: 2",
    "Skipped tests: 1",
    "Seen tags: error, xpassed",
  ]);
  const junit = await runTool("subunit2junitxml", [], { ...readers, input: run.bytes });
  expect(junit.stdout).toContain('failures="2"');
  expect(junit.stdout).toContain("no set-up");
  expect(junit.stdout).toContain("xxx");

  const list = await streamOf(["list", "--format", "subunit", "--", "pytest", "tests"]);
  const names = await runTool("subunit-ls", ["--exists"], { ...readers, input: list.bytes });
  expect({ exit: list.exit, names: names.stdout.trim().split("\n") }).toEqual({ exit: 0, names: IDS });

  project.write("ids.txt", `${IDS[0]}\n${IDS[6]}\ntests/test_gone.py::test_gone\n`);
  const some = await streamOf(["run", "--format", "subunit", "--load-list", "ids.txt", "--", "pytest", "tests"]);
  const ran = await runTool("subunit-ls", [], { ...readers, input: some.bytes });
  expect({ exit: some.exit, ran: ran.stdout.trim().split("\n") }).toEqual({ exit: 0, ran: [IDS[0], IDS[6]] });
});

test("a file that does not collect, and a test that ends its process, fail in the stream", async () => {
  using project = new Project({
    "test_broken.py": "def broken(:\n",
    "test_dies.py": "import os\ndef test_dies(): os.kill(os.getpid(), 9)\ndef test_after(): pass\n",
  });
  await using prewarm = new Prewarm(project, env);
  const place = { cwd: project.root, env: prewarm.environment() };
  for (const [file, failed] of [
    ["test_broken.py", ["test_broken.py", "pytest"]],
    ["test_dies.py", ["test_dies.py::test_dies", "pytest"]],
  ] as const) {
    const { exit, bytes } = await bytesOf(
      prewarm.words(["run", "--format", "subunit", "--", "pytest", file]).words,
      place,
    );
    expect(exit).not.toBe(0);
    const stats = await runTool("subunit-stats", [], { ...place, input: bytes });
    expect(stats.stdout).toMatch(/Failed tests: +2\n/);
    const { stdout } = await runTool("subunit-ls", [], { ...place, input: bytes });
    expect(stdout.trim().split("\n")).toEqual(failed);
  }
});

test("stestr lists, runs in parallel, and runs again what failed", async () => {
  using project = new Project(PROJECT);
  await using prewarm = new Prewarm(project, env);
  const python = `${prewarm.words([]).words.join(" ")} stestr`;
  const place = { cwd: project.root, env: { ...prewarm.environment(), PYTHON: python } };
  expect((await runTool("stestr", ["init"], place)).exit).toBe(0);
  const listed = await runTool("stestr", ["list"], place);
  expect(listed.stdout.trim().split("\n").toSorted()).toEqual(IDS.toSorted());

  const run = await runTool("stestr", ["run", "--concurrency", "2"], place);
  expect(run.exit).toBe(1);
  expect(run.stdout).toMatch(/Passed: 4\n.*Skipped: 1\n.*Expected Fail: 1\n.*Unexpected Success: 0\n.*Failed: 2/);
  const failing = await runTool("stestr", ["failing", "--list"], place);
  expect(failing.stdout.trim().split("\n").toSorted()).toEqual([IDS[3], IDS[7]].toSorted());
  project.write("tests/test_all.py", PROJECT["tests/test_all.py"].replace('"ü" == "u"', "True"));
  const again = await runTool("stestr", ["run", "--failing"], place);
  expect(again.stdout).toMatch(/Passed: 1\n(.*\n)*.*Failed: 1/);
});
