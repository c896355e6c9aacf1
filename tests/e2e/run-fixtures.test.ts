// Fixtures of scope `run`: once for all workers, in the leader, and torn down after the last of them.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Prewarm, type RunOptions } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const BARE = { env: { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" } };
const agentFolder = fileURLToPath(new URL("../../agent", import.meta.url));
/** As where the package is installed. */
const PLAIN = { env: { ...BARE.env, PYTHONPATH: agentFolder } };
const workers = (count: number): RunOptions => ({ ...BARE, flags: ["-n", `${count}`] });

const CONFTEST = `import http.server, os, threading
import prewarm
import pytest


def log(line):
    with open("log", "a") as file:
        file.write(line + "\\n")


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"served by %d" % os.getpid())

    def log_message(self, *args):
        pass


@prewarm.fixture(scope="run")
def database():
    log("database up")
    yield {"name": "db", "tables": ("a", "b")}
    log("database down")


@prewarm.fixture(scope="run")
def server(database):
    print("the server starts")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    log(f"server up with {database['name']}")
    yield server.server_port
    server.shutdown()
    server.server_close()
    log("server down")


@pytest.fixture(scope="session")
def client(server):
    log("client up")
    import urllib.request

    yield lambda: urllib.request.urlopen(f"http://127.0.0.1:{server}").read().decode()
`;

const TESTS = `import os
import pytest


@pytest.mark.parametrize("number", range(8))
def test_served(number, client, database):
    assert database == {"name": "db", "tables": ("a", "b")}
    assert client().startswith("served by ")
    if "PYTEST_XDIST_WORKER" in os.environ:
        assert client() != f"served by {os.getpid()}"
`;

test("a server is started once for four workers, and once in one process", async () => {
  using project = new Project({ "conftest.py": CONFTEST, "test_a.py": TESTS, "test_b.py": TESTS });
  await using prewarm = new Prewarm(project);
  for (const [count, clients] of [
    [4, 4],
    [4, 4],
    [1, 1],
  ] as const) {
    project.write("log", "");
    const run = await prewarm.run([], workers(count));
    expect(run.exit, run.stdout).toBe(0);
    const lines = readFileSync(project.at("log"), "utf8").trim().split("\n");
    expect(lines.filter((line) => line !== "client up")).toEqual([
      "database up",
      "server up with db",
      "server down",
      "database down",
    ]);
    expect(lines.filter((line) => line === "client up").length).toBe(clients);
  }
});

test("the same file works in plain pytest and under pytest-xdist, there once for all workers too", async () => {
  using project = new Project({
    "conftest.py": CONFTEST.replace("threading.Thread", "threading.Thread"),
    "test_a.py": TESTS.split("    if ")[0] ?? "",
  });
  await using prewarm = new Prewarm(project);
  for (const args of [[], ["-p", "xdist.plugin", "-n", "3"]]) {
    project.write("log", "");
    const plain = await prewarm.plain(args, PLAIN);
    expect(plain.exit, plain.stdout).toBe(0);
    const lines = readFileSync(project.at("log"), "utf8").trim().split("\n");
    expect(lines.filter((line) => line !== "client up").toSorted()).toEqual(
      ["database up", "server up with db", "server down", "database down"].toSorted(),
    );
  }
});

test("a set-up that fails is tried once, and everybody gets its error with what it printed", async () => {
  const conftest = `import prewarm


@prewarm.fixture(scope="run")
def broken():
    with open("log", "a") as file:
        file.write("tried\\n")
    print("the port is taken")
    raise OSError("no room")
`;
  const tests =
    "import pytest\n\n\n@pytest.mark.parametrize('number', range(6))\ndef test_it(number, broken):\n    pass\n";
  using project = new Project({ "conftest.py": conftest, "test_a.py": tests });
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run([], workers(3));
  expect(run.exit).toBe(1);
  expect(new Set(Object.values(run.outcomes ?? {}))).toEqual(new Set(["error"]));
  expect(readFileSync(project.at("log"), "utf8")).toBe("tried\n");
  expect(run.stdout).toContain("OSError: no room");
  expect(run.stdout).toContain("the port is taken");
});

test("what a worker cannot get is a clear error", async () => {
  const conftest = `import prewarm


@prewarm.fixture(scope="run")
def lock():
    import threading

    return threading.Lock()
`;
  using project = new Project({
    "conftest.py": conftest,
    "test_a.py": "def test_a(lock):\n    pass\n\n\ndef test_b(lock):\n    pass\n",
  });
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run([], workers(2));
  expect(run.exit).toBe(1);
  expect(run.stdout).toContain("Fixture 'lock' has the scope 'run', and its value is of <class '_thread.lock'>");
  expect(run.stdout).toContain("make the object in a fixture of scope 'session' that uses this one");
});

test("each parameter is set up once, and stays up while others run", async () => {
  const conftest = `import prewarm


@prewarm.fixture(scope="run", params=["old", "new"])
def version(request):
    with open("log", "a") as file:
        file.write(f"up {request.param}\\n")
    yield request.param
    with open("log", "a") as file:
        file.write(f"down {request.param}\\n")
`;
  const tests =
    "import pytest\n\n\n@pytest.mark.parametrize('number', range(6))\ndef test_it(number, version):\n    assert version in ('old', 'new')\n";
  using project = new Project({ "conftest.py": conftest, "test_a.py": tests });
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run([], workers(3));
  expect(run.exit, run.stdout).toBe(0);
  const lines = readFileSync(project.at("log"), "utf8").trim().split("\n");
  expect(lines.slice(0, 2).toSorted()).toEqual(["up new", "up old"]);
  expect(lines.slice(2).toSorted()).toEqual(["down new", "down old"]);
});

test("it is torn down when a worker dies, and another worker that takes its place uses it", async () => {
  const conftest = `import prewarm


@prewarm.fixture(scope="run")
def server():
    with open("log", "a") as file:
        file.write("up\\n")
    try:
        yield 1
    finally:
        with open("log", "a") as file:
            file.write("down\\n")
`;
  const tests = `import os
import pytest


@pytest.mark.parametrize("number", range(20))
def test_it(number, server):
    if number in (5, 9):
        os._exit(1)
`;
  using project = new Project({ "conftest.py": conftest, "test_a.py": tests });
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run([], workers(2));
  expect(run.exit).toBe(1);
  expect(run.stdout).toContain("2 failed, 18 passed");
  expect(readFileSync(project.at("log"), "utf8")).toBe("up\ndown\n");
});

test("an error at its end is one of the last test that used it", async () => {
  const conftest = `import prewarm


@prewarm.fixture(scope="run")
def server():
    yield 1
    raise OSError("will not stop")
`;
  using project = new Project({
    "conftest.py": conftest,
    "test_a.py": "def test_a(server):\n    pass\n\n\ndef test_b(server):\n    pass\n",
  });
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run([], workers(2));
  expect(run.exit).toBe(1);
  expect(run.stdout).toContain("OSError: will not stop");
  expect(run.stdout).toContain("2 passed, 1 error");
});
