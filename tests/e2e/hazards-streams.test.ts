// What a module keeps of the standard streams while it is imported: pytest captures then, and goes on with the very same objects.
import { expect, test } from "vitest";
import { interpreter } from "../rig/interpreter.ts";
import { ColdAndWarm } from "../rig/same-as-cold.ts";
import { installForUser } from "../rig/user-site.ts";

const FILES = {
  "app.py": `
import logging
import sys
from sys import stderr, stdin, stdout

write = stdout.write
log = logging.getLogger("app")
log.addHandler(logging.StreamHandler())
print("while it is imported")
`,
  "test_app.py": `
import os
import sys

import app


def test_the_same_objects():
    assert (app.stdin, app.stdout, app.stderr) == (sys.stdin, sys.stdout, sys.stderr)


def test_input():
    assert os.read(0, 1) == b"" if sys.stdin is not sys.__stdin__ else True


def test_quiet():
    print("held", file=app.stdout)
    app.log.warning("held as well")


def test_shown():
    print("by name")
    app.write("by what was kept\\n")
    app.stdout.flush()
    app.log.warning("logged")
    assert False


def test_fixture(capsys):
    print("for nobody", file=app.stdout)
    print("for the fixture")
    assert capsys.readouterr().out == "for the fixture\\n"


def test_descriptor(capfd):
    print("for the fixture", file=sys.stdout, flush=True)
    assert capfd.readouterr().out == "for the fixture\\n"
`,
};

test.each(["fd", "sys", "no"])("with --capture=%s they are the ones that it had at import", async (capture) => {
  await using twins = new ColdAndWarm(FILES);
  for (let round = 0; round < 2; round += 1) {
    const { warm } = await twins.same(`--capture=${capture}`);
    expect(warm.outcomes).toMatchObject({ "test_app.py::test_the_same_objects": "passed" });
  }
  expect(await twins.way()).toBe("warm");
});

test("a program that holds its streams is not served from a start with another way of capturing", async () => {
  await using twins = new ColdAndWarm(FILES);
  for (const capture of ["fd", "sys", "no", "fd"]) await twins.same(`--capture=${capture}`);
});

test("workers and forks that repeat a test write to files of their own", async () => {
  await using twins = new ColdAndWarm(FILES);
  const { prewarm } = twins;
  const { stdout, outcomes } = await prewarm.run([], { flags: ["-n", "2"] });
  expect(outcomes).toEqual({
    "test_app.py::test_the_same_objects": "passed",
    "test_app.py::test_input": "passed",
    "test_app.py::test_quiet": "passed",
    "test_app.py::test_shown": "failed",
    "test_app.py::test_fixture": "passed",
    "test_app.py::test_descriptor": "passed",
  });
  expect(stdout).toContain("by name\nby what was kept\n");
  expect(stdout).toContain("\nlogged\n");
  const words = ["run", "--python", interpreter, "--repeat", "3", "--", "pytest", "-k", "same_objects or quiet"];
  expect((await prewarm.command(words).finished).exit).toBe(0);
});

test.each(["fd", "sys", "no"])("packages that are imported ahead hold the same, with --capture=%s", async (capture) => {
  await using twins = new ColdAndWarm({ "conftest.py": "import app\n", "test_app.py": FILES["test_app.py"] });
  const { prewarm, project } = twins;
  const env = installForUser(prewarm, { "app.py": FILES["app.py"].replace(/^print.*$/m, "") });
  for (let life = 0; life < 2; life += 1) {
    // The second daemon's first start imports ahead what the first one has learned.
    const { warm } = await twins.same(`--capture=${capture}`, { env });
    expect(warm.outcomes).toMatchObject({ "test_app.py::test_the_same_objects": "passed" });
    if (life === 0) await prewarm.command(["stop"]).finished;
  }
  const { trunks } = await prewarm.status();
  const isAhead = trunks.some(({ checkpoints }) => checkpoints.some(({ before }) => before === "packages"));
  expect(isAhead).toBe(capture === "fd");
  project.write("conftest.py", "import app\nimport os\n");
  await twins.same(`--capture=${capture}`, { env });
});

test("a plugin that has kept pytest's writer when it was configured writes to the terminal of each run", async () => {
  await using twins = new ColdAndWarm({
    "conftest.py": `
import pytest


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    config.kept_writer = config.get_terminal_writer()


def pytest_terminal_summary(config):
    config.kept_writer.line("told by the conftest", bold=True)
`,
    "test_app.py": "def test_it():\n    pass\n",
  });
  for (const line of ["", "-q", "--color=yes"]) {
    const { warm } = await twins.same(line);
    expect(warm.stdout).toContain("told by the conftest");
  }
  expect(await twins.way()).toBe("warm");
});
