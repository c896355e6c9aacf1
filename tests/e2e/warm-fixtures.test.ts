// Fixtures of scope `warm`: set up once for many runs, until what they are made from changes.
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Prewarm, type RunOptions } from "../rig/prewarm.ts";
import { untilGone } from "../rig/processes.ts";
import { Project } from "../rig/project.ts";
import { Watch } from "../rig/watch.ts";

const BARE = { env: { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" } };
const workers = (count: number): RunOptions => ({ ...BARE, flags: ["-n", `${count}`] });

const CONFTEST = `import http.server, os, threading, urllib.request
import prewarm
import settings


def log(line):
    with open(os.path.join(os.path.dirname(__file__), "log"), "a") as file:
        file.write(line + "\\n")


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(os.getpid()).encode())

    def log_message(self, *args):
        pass


def get(port):
    return urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=30).read().decode()


@prewarm.fixture(scope="warm", check=get, inputs=["schema"])
def server():
    log(f"up {settings.NAME}")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    log("down")
`;

const TESTS = `import os
import pytest
from conftest import get


@pytest.mark.parametrize("number", range(6))
def test_served(number, server):
    assert int(get(server)) != os.getpid()
`;

const FILES = {
  "conftest.py": CONFTEST,
  "settings.py": "NAME = 'first'\n",
  "schema/tables.sql": "create table a;\n",
  "test_a.py": TESTS,
};

test("a server is started once for ten runs, with one worker and with four", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  for (let round = 0; round < 10; round += 1) {
    const run = await prewarm.run([], workers(round % 2 === 0 ? 1 : 4));
    expect(run.exit, run.stdout).toBe(0);
  }
  expect(logOf(project)).toEqual(["up first"]);
  // Tests are edited, and it stays.
  project.write("test_a.py", `${TESTS}\n\ndef test_new(server):\n    assert server\n`);
  expect((await prewarm.run([], BARE)).exit).toBe(0);
  expect(logOf(project)).toEqual(["up first"]);
  await prewarm.command(["stop"]).finished;
  await prewarm.untilNothingIsLeft();
  expect(logOf(project)).toEqual(["up first", "down"]);
});

test("it is set up anew when its code, a module that this uses, or an input changes", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  const up = ["up first"];
  const run = async () => {
    const { exit, stdout } = await prewarm.run([], workers(2));
    expect(exit, stdout).toBe(0);
    return logOf(project);
  };
  expect(await run()).toEqual(up);
  project.write("schema/tables.sql", "create table b;\n");
  expect(await run()).toEqual(["up first", "down", "up first"]);
  project.write("settings.py", "NAME = 'second'\n");
  expect(await run()).toEqual(["up first", "down", "up first", "down", "up second"]);
  project.write("conftest.py", CONFTEST.replace("up {", "really up {"));
  expect(await run()).toEqual(["up first", "down", "up first", "down", "up second", "down", "really up second"]);
  expect((await run()).length).toBe(7);
});

test("it is set up anew when its health check fails, and when its process has died", async () => {
  using project = new Project({
    ...FILES,
    "conftest.py": CONFTEST.replace("check=get", "check=lambda port: not os.path.exists('unwell')"),
  });
  await using prewarm = new Prewarm(project);
  expect((await prewarm.run([], BARE)).exit).toBe(0);
  project.write("unwell", "");
  expect((await prewarm.run([], BARE)).exit).toBe(0);
  expect(logOf(project)).toEqual(["up first", "down", "up first"]);
  project.remove("unwell");
  project.write(
    "test_b.py",
    "import os, signal\nfrom conftest import get\n\n\ndef test_kill(server):\n    os.kill(int(get(server)), signal.SIGKILL)\n",
  );
  expect((await prewarm.run(["test_b.py"], BARE)).exit).toBe(0);
  project.remove("test_b.py");
  expect((await prewarm.run(["test_a.py"], BARE)).exit).toBe(0);
  expect(logOf(project)).toEqual(["up first", "down", "up first", "up first"]);
});

test("it is torn down when the daemon is killed", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  expect((await prewarm.run([], workers(2))).exit).toBe(0);
  const { pid } = await prewarm.status();
  process.kill(pid, "SIGKILL");
  await untilGone(() => prewarm.processes());
  expect(logOf(project)).toEqual(["up first", "down"]);
});

test("a set-up that fails is told to every test of the run, and tried again in the next", async () => {
  using project = new Project({
    "conftest.py": `import os
import prewarm


@prewarm.fixture(scope="warm")
def server():
    print("looking for room")
    assert os.path.exists("room"), "no room"
    return 1
`,
    "test_a.py":
      "import pytest\n\n\n@pytest.mark.parametrize('number', range(4))\ndef test_it(number, server):\n    pass\n",
  });
  await using prewarm = new Prewarm(project);
  for (const count of [1, 2]) {
    const run = await prewarm.run([], workers(count));
    expect(run.exit).toBe(1);
    expect(new Set(Object.values(run.outcomes ?? {}))).toEqual(new Set(["error"]));
    expect(run.stdout).toContain("AssertionError: no room");
    expect(run.stdout).toContain("looking for room");
  }
  project.write("room", "");
  expect((await prewarm.run([], workers(2))).exit).toBe(0);
});

test("a watch sets it up anew when a file is new, changes or goes in a folder of its inputs", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  const watch = new Watch(prewarm);
  expect(Object.keys(await watch.run())).toHaveLength(6);
  const steps: readonly (() => void)[] = [
    () => project.write("schema/views.sql", "create view v;\n"),
    () => project.write("schema/views.sql", "create view other;\n"),
    () => project.write("schema/more/keys.sql", "create index k;\n"),
    () => project.write("schema/more/keys.sql", "create index other;\n"),
    () => project.remove("schema/views.sql"),
  ];
  for (const [at, change] of steps.entries()) {
    change();
    // What a folder holds is on the disk before its files are whole: until then there may be a run for each.
    const ups = () => logOf(project).filter((line) => line === "up first").length;
    let tests = Object.keys(await watch.run()).length;
    while (ups() < at + 2) tests += Object.keys(await watch.run()).length;
    expect(tests).toBeGreaterThanOrEqual(6);
  }
  watch.end();
});

function logOf(project: Project): readonly string[] {
  const path = project.at("log");
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
}
