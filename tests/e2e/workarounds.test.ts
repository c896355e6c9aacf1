// What libraries hold that a fork must not share: the workarounds that are built in, and those of projects and libraries.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import { hasModule } from "../rig/interpreter.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const BARE = { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" };
const TWO = { flags: ["-n", "2"] };

/** The lines of a file of the project. */
const linesOf = (project: Project, path: string) => readFileSync(project.at(path), "utf8").trim().split("\n");

const LOG = `import os


def log(*words):
    with open(os.path.join(os.path.dirname(__file__), "log"), "a") as file:
        print(*words, file=file)
`;

test("a generator goes on in each new process and ends with the run, a function is called in each; None is nothing", async () => {
  const conftest = `import os
import prewarm
import library
from log import log


@prewarm.workaround("library")
def reopen():
    log("before")
    there = os.getpid()
    yield
    log("after", there != os.getpid())
    yield
    log("end")


@prewarm.workaround("library")
def renew():
    log("new")


@prewarm.workaround("absent")
def never():
    log("never")


prewarm.workaround("sqlite3", lambda: log("never"))
prewarm.workaround("sqlite3", None)
`;
  using project = new Project({
    ...{ "conftest.py": conftest, "library.py": "import sqlite3\n", "log.py": LOG },
    "test_a.py": "from log import log\n\n\ndef test_a():\n    log('test')\n",
  });
  await using prewarm = new Prewarm(project, BARE);
  const run = await prewarm.run();
  expect(run.exit, run.stdout + run.stderr).toBe(0);
  const lines = linesOf(project, "log");
  expect(lines.filter((line) => line !== "before" && line !== "never")).toEqual(
    expect.arrayContaining(["after True", "new", "test", "end"]),
  );
  expect(lines.indexOf("end")).toBeGreaterThan(lines.indexOf("test"));
  expect(lines).not.toContain("never");
});

test("a library brings its own by an entry point", async () => {
  const point = "[prewarm.workarounds]\nlibrary = library:renew\n";
  using project = new Project({
    ...{ "log.py": LOG, "library.py": "from log import log\n\n\ndef renew():\n    log('renewed')\n" },
    "library-1.dist-info/entry_points.txt": point,
    "library-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: library\nVersion: 1\n",
    "conftest.py": "import library\n",
    "test_a.py": "def test_a():\n    pass\n",
  });
  await using prewarm = new Prewarm(project, { ...BARE, PYTHONPATH: project.root });
  const run = await prewarm.run();
  expect(run.exit, run.stderr).toBe(0);
  expect(linesOf(project, "log")).toContain("renewed");
});

test("the configuration names what a library needs, and a change of it holds from the next run on", async () => {
  const configured = (...workarounds: string[]) => `[tool.prewarm]\nworkarounds = ${JSON.stringify(workarounds)}\n`;
  using project = new Project({
    // A new file in a folder that is listed would be an edit.
    ...{ "log.py": LOG, log: "", "library.py": "", "other.py": "" },
    "forks.py": `import os
from log import log


def renew():
    log("new", os.getpid())


def reopen():
    there = os.getpid()
    yield
    log("forked" if there != os.getpid() else "same", os.getpid())
    yield
    log("end", os.getpid())
`,
    "pyproject.toml": configured("library=forks:renew", "other=forks:reopen", "absent=nowhere:never"),
    "conftest.py": "import library, other\n",
    "test_a.py": "import os\nfrom log import log\n\n\ndef test_a():\n    log('test', os.getpid())\n",
  });
  await using prewarm = new Prewarm(project, BARE);
  /** What was done in the process that ran the test; others are forked ahead of their run at any time. */
  const run = async (): Promise<readonly string[]> => {
    const { exit, stdout, stderr } = await prewarm.run();
    expect(exit, stdout + stderr).toBe(0);
    const lines = linesOf(project, "log").map((line) => line.split(" "));
    const pid = lines.findLast(([word]) => word === "test")?.[1];
    return lines.flatMap(([word = "", by]) => (by === pid ? [word] : []));
  };
  expect(await run()).toEqual(["new", "forked", "test", "end"]);
  expect(await run()).toEqual(["new", "forked", "test", "end"]);
  project.write("pyproject.toml", configured("library=", "other=forks:reopen"));
  expect(await run()).toEqual(["forked", "test", "end"]);

  project.write("pyproject.toml", configured("library=forks:missing"));
  const told = await prewarm.run();
  expect(told.exit, told.stdout).toBe(0);
  expect(told.stderr).toContain("warning[workaround-failed]");
  expect(told.stderr).toContain("forks:missing: AttributeError: ");
  project.write("pyproject.toml", configured("library: forks"));
  expect((await prewarm.run()).stderr).toContain("error[bad-value]");
});

test("what a workaround raises is a warning of each run, and changes no outcome", async () => {
  using project = new Project({
    "conftest.py": `import prewarm
import library


@prewarm.workaround("library")
def fails():
    raise OSError("no such index")


@prewarm.workaround("library")
def fails_at_the_end():
    yield
    yield
    raise ValueError("too late")
`,
    ...{ "library.py": "", "test_a.py": "def test_a():\n    pass\n" },
  });
  await using prewarm = new Prewarm(project, BARE);
  for (const flags of [[], [], ["-n", "1"]]) {
    const { exit, stdout, stderr } = await prewarm.run([], { flags });
    expect(exit, stdout).toBe(0);
    expect(stderr).toContain(`  fails: OSError: no such index (${project.at("conftest.py")}:7)\n`);
    expect(stderr).toContain(`  fails_at_the_end: ValueError: too late (${project.at("conftest.py")}:14)`);
  }
});

test.runIf(hasModule("numpy"))(
  "numpy: unseeded values differ between workers and runs, seeded ones do not",
  async () => {
    const tests = `import numpy.random
import pytest
from log import log

SEEDED


@pytest.mark.parametrize("number", range(2))
def test_draws(number, worker_id):
    log(numpy.random.randint(2**60))
`;
    const conftest =
      "import os\nimport pytest\n\n\n@pytest.fixture\ndef worker_id():\n    return os.environ['PYTEST_XDIST_WORKER']\n";
    using project = new Project({ "log.py": LOG, "conftest.py": conftest, "test_a.py": tests.replace("SEEDED", "") });
    await using prewarm = new Prewarm(project, BARE);
    const options = { flags: ["-n", "2", "--dist", "each"] };
    const first = await prewarm.run([], options);
    expect(first.exit, first.stdout).toBe(0);
    await prewarm.run([], options);
    expect(new Set(linesOf(project, "log")).size).toBe(8);
    project.write("test_a.py", tests.replace("SEEDED", "numpy.random.seed(3)"));
    project.write("log", "");
    await prewarm.run([], options);
    expect(new Set(linesOf(project, "log")).size).toBe(2);
  },
);

test.runIf(hasModule("sqlalchemy"))(
  "SQLAlchemy: a connection that was opened while importing is used by nobody else",
  async () => {
    const shop = `import os, sqlite3
from log import log
from sqlalchemy import create_engine, text
from sqlalchemy.pool import QueuePool


def connect():
    log(os.getpid())
    return sqlite3.connect("shop.db", check_same_thread=False)


engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool)
memory = create_engine("sqlite://")
for each in (engine, memory):
    with each.begin() as connection:
        connection.execute(text("drop table if exists goods"))
        connection.execute(text("create table goods (name text)"))
        connection.execute(text("insert into goods values ('pear')"))
`;
    const tests = `import os
from log import log
from shop import engine, memory
from sqlalchemy import text


def test_goods():
    for each in (engine, memory):
        for _ in range(2):
            with each.connect() as connection:
                assert connection.execute(text("select name from goods")).all() == [("pear",)]
    with open("log") as file:
        assert file.read().split().count(str(os.getpid())) == 1
`;
    using project = new Project({ "log.py": LOG, "shop.py": shop, "test_a.py": tests, "test_b.py": tests });
    await using prewarm = new Prewarm(project, BARE);
    for (const options of [{}, {}, TWO]) {
      const run = await prewarm.run([], options);
      expect(run.exit, run.stdout).toBe(0);
    }
  },
);

test("a connection that a client keeps from an import is of one run alone, unless somebody looks after it", async () => {
  let opened = 0;
  // Tells each connection its number, and answers with what it is sent.
  const server = createServer((socket) => {
    opened += 1;
    socket.on("error", () => {}).pipe(socket);
    socket.write(`${opened}\n`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    const tests = `import pytest, shop
from log import log


@pytest.mark.parametrize("number", range(40))
def test_talks(number):
    shop.connection.sendall(f"{number}\\n".encode())
    assert shop.answers.readline() == f"{number}\\n"
    log(shop.own)
`;
    using project = new Project({
      ...{ "log.py": LOG, "test_a.py": tests },
      "pymysql.py": "import socket\n\n\ndef connect(port):\n    return socket.create_connection(('127.0.0.1', port))\n",
      "shop.py": `import pymysql
connection = pymysql.connect(${port})
answers = connection.makefile()
own = answers.readline().strip()
`,
    });
    await using prewarm = new Prewarm(project, BARE);
    const connections = async (flags: readonly string[] = []) => {
      project.write("log", "");
      const { exit, stdout, stderr } = await prewarm.run([], { flags });
      expect(exit, stdout + stderr).toBe(0);
      return { used: [...new Set(linesOf(project, "log"))], stderr };
    };
    const first = await connections();
    expect(first.stderr).toContain(
      `warning[connection-at-import] PyMySQL opens a connection to 127.0.0.1:${port} while importing`,
    );
    const second = await connections();
    const shared = await connections(["-n", "2"]);
    const all = [first, second, shared].map(({ used }) => used);
    expect(all.map(({ length }) => length)).toEqual([1, 1, 1]);
    expect(new Set(all.flat()).size).toBe(3);

    project.write("pyproject.toml", '[tool.prewarm]\nworkarounds = ["pymysql="]\n');
    // With other workarounds it starts anew, and says nothing this time.
    expect((await connections()).stderr).not.toContain("connection-at-import");
  } finally {
    server.close();
  }
});
