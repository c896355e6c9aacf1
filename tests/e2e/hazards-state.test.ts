// State that is made before the first test, and that one run uses up: files, folders, exit functions, doctests.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ColdAndWarm } from "../rig/same-as-cold.ts";

test("exit functions: those of a run run, those of the start belong to all runs", async () => {
  await using twins = new ColdAndWarm({
    "conftest.py": "import atexit\n\natexit.register(open, 'of-the-start', 'a')\n",
    "test_exit.py": `
import atexit
import os


def note():
    with open("of-the-run", "a") as file:
        file.write("x")


def test_exit():
    atexit.register(note)
    assert not os.path.exists("of-the-start")
`,
  });
  for (let round = 1; round <= 3; round += 1) {
    expect((await twins.prewarm.run()).exit).toBe(0);
    expect(readFileSync(twins.project.at("of-the-run"), "utf8")).toBe("x".repeat(round));
  }
});

test("files that were opened while importing have their place in every run", async () => {
  await using twins = new ColdAndWarm({
    "numbers.txt": "0123456789".repeat(5),
    "lib.py": `
import logging

text = open("numbers.txt")
raw = open("numbers.txt", "rb", buffering=0)
raw.read(3)
log = logging.getLogger("lib")
log.addHandler(logging.FileHandler("lib.log", "w"))
log.warning("start")
`,
    "test_files.py": `
import lib


def test_text():
    assert lib.text.read(4) == "0123"


def test_raw():
    assert lib.raw.read(4) == b"3456"


def test_log():
    lib.log.warning("test")
    with open("lib.log") as file:
        assert file.read() == "start\\ntest\\n"
`,
  });
  for (let round = 0; round < 3; round += 1) await twins.same("-p no:logging");
});

test("what is made at the start and removed at the end is there again", async () => {
  await using twins = new ColdAndWarm({
    "conftest.py": `
import os
import shutil
import tempfile


def pytest_configure(config):
    config.folder = tempfile.mkdtemp()
    with open("made.txt", "w") as file:
        file.write("made")


def pytest_sessionfinish(session):
    shutil.rmtree(session.config.folder)
    os.remove("made.txt")
`,
    "lib.py": "import tempfile\n\nfolder = tempfile.TemporaryDirectory()\n",
    "test_folder.py": `
import os

import lib


def test_folder(request):
    assert os.listdir(request.config.folder) == []
    assert os.path.exists("made.txt")


def test_object():
    assert os.path.isdir(lib.folder.name)
    lib.folder.cleanup()
`,
  });
  // A process that is not wanted any more is ended without the end of its session: its folder goes with the state folder.
  const env = { TMPDIR: twins.prewarm.stateFolder };
  for (let round = 0; round < 4; round += 1) {
    const { exit, stdout } = await twins.prewarm.run([], { env });
    expect(exit, stdout).toBe(0);
  }
});

test("descriptors, loops and databases that were opened while importing", async () => {
  await using twins = new ColdAndWarm({
    "lib.py": `
import asyncio
import socket
import sqlite3

loop = asyncio.new_event_loop()
left, right = socket.socketpair()
server = socket.create_server(("127.0.0.1", 0))
database = sqlite3.connect(":memory:")
database.execute("create table t (x)")
`,
    "test_lib.py": `
import asyncio
import socket

import lib


async def three():
    await asyncio.sleep(0)
    return 3


def test_loops():
    assert lib.loop.run_until_complete(three()) == 3
    assert asyncio.run(three()) == 3


def test_sockets():
    lib.left.send(b"x")
    assert lib.right.recv(10) == b"x"


def test_server():
    client = socket.create_connection(lib.server.getsockname(), timeout=20)
    accepted, _ = lib.server.accept()
    client.send(b"y")
    assert accepted.recv(10) == b"y"
    client.close()
    accepted.close()


def test_database():
    lib.database.execute("insert into t values (1)")
    lib.database.commit()
    assert lib.database.execute("select count(*) from t").fetchone() == (1,)
`,
  });
  for (let round = 0; round < 2; round += 1) await twins.same();
});

test("doctests run in every run", async () => {
  await using twins = new ColdAndWarm({
    "lib.py":
      'def three():\n    """\n    >>> kept = []\n    >>> kept.append(three())\n    >>> kept\n    [3]\n    """\n    return 3\n',
    "text.txt": ">>> a = 1\n>>> a\n2\n",
  });
  for (let round = 0; round < 3; round += 1) await twins.same("--doctest-modules --doctest-glob=*.txt");
});

test("fixtures of every scope are set up and torn down once a run", async () => {
  await using twins = new ColdAndWarm({
    "conftest.py": `
import pytest


def make(scope):
    @pytest.fixture(scope=scope, name=scope)
    def fixture():
        print("set up", scope)
        yield [scope]
        print("tear down", scope)

    return fixture


of_session, of_package, of_module, of_class = map(make, ("session", "package", "module", "class"))
calls = []


@pytest.fixture(scope="session", params=["a", "b"])
def letter(request, session):
    calls.append(request.param)
    return request.param
`,
    "sub/test_a.py": `
class TestIt:
    def test_1(self, session, package, module, letter):
        session.append(letter)
        assert len(session) < 3

    def test_2(self, session):
        assert session == ["session"]


def test_3(letter, module):
    assert module == ["module"]
`,
    "sub/test_b.py": "def test_4(package, letter):\n    assert package == ['package']\n",
  });
  for (const line of ["-s", "-s", "--setup-show", "-s sub/test_b.py", "-v -k 'test_2'"])
    await twins.same(line.replaceAll("'", ""));
});
