// Runs on nodes: what people see is the run of one machine, and nothing is lost or counted twice when a node is.
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { letAllPass, nodeSideOf } from "../rig/nodes.ts";
import { Prewarm, type RunOptions } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { PUPPET_MODULE, PuppetMaster } from "../rig/puppet.ts";
import { Watch } from "../rig/watch.ts";

const BARE = { env: { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" } };
const ON_TWO: RunOptions = { ...BARE, flags: ["--on", "local:2", "--node-patience", "100"] };
const PUPPETS_ON_TWO: RunOptions = {
  ...BARE,
  flags: ["--on", "local:2", "--node-patience", "100", "--node-env", "PUPPET_SOCKET"],
};

const VARIED = `import os, warnings
import pytest
from shop import price


@pytest.fixture(params=["a", "b"])
def letter(request):
    return request.param


@pytest.mark.parametrize("number", range(20))
def test_number(number):
    assert number != 7, "seven"


def test_letter(letter, tmp_path):
    print("the letter is", letter)
    (tmp_path / letter).write_text(letter)
    assert letter == "a"


def test_skipped():
    pytest.skip("not today")


@pytest.mark.xfail
def test_expected():
    assert price(1) == 0


def test_warns():
    warnings.warn("careful")


@pytest.fixture
def broken():
    yield
    raise ValueError("in tear-down")


def test_broken(broken):
    assert price(2) == 4
`;

const SHOP = "def price(count):\n    return 2 * count\n";

const PUPPETS = `import puppet
import pytest


@pytest.mark.parametrize("name", ["one", "two", "three", "four"])
def test_puppet(name):
    puppet.play(name)
`;

test("a run on nodes has the outcomes, the failures and the exit code of plain pytest, cold and warm", async () => {
  using project = new Project({ "shop.py": SHOP, "test_it.py": VARIED });
  await using prewarm = new Prewarm(project);
  const here = await prewarm.run([], BARE);
  const plain = await prewarm.plain([], BARE);
  for (const way of ["cold", "warm"]) {
    const run = await prewarm.run([], ON_TWO);
    expect(run.exit, way).toBe(plain.exit);
    expect(run.outcomes, way).toEqual(here.outcomes);
    expect(summaryOf(run.stdout), way).toEqual(summaryOf(plain.stdout));
    // Tracebacks and warnings name the files of this project, and not those of a copy.
    expect(run.stdout, way).toContain(`${project.at("test_it.py")}:32: UserWarning: careful`);
    expect(run.stdout, way).not.toContain(prewarm.stateFolder);
    expect(run.stdout, way).toContain("the letter is b");
    expect(run.stderr, way).toBe("");
  }
});

test("tests run on the nodes and not here, and write there", async () => {
  const tests = `import os


def test_writes():
    with open("written", "w") as file:
        file.write(os.environ["PYTEST_XDIST_WORKER"])
    assert "/nodes/" in os.getcwd()
`;
  using project = new Project({ "test_it.py": tests });
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run([], ON_TWO);
  expect(run.exit).toBe(0);
  expect(existsSync(project.at("written"))).toBe(false);
});

test("an edit, a new file and a deleted one reach every node", async () => {
  using project = new Project({
    "shop.py": SHOP,
    "test_it.py": "from shop import price\n\n\ndef test_price():\n    assert price(1) == 2\n",
  });
  await using prewarm = new Prewarm(project);
  expect((await prewarm.run([], ON_TWO)).exit).toBe(0);
  project.write("shop.py", "def price(count):\n    return 3 * count\n");
  const edited = await prewarm.run([], ON_TWO);
  expect(edited.exit).toBe(1);
  expect(edited.stdout).toContain("assert 3 == 2");
  project.write("shop.py", SHOP);
  project.write("test_more.py", "def test_more():\n    assert True\n");
  expect((await prewarm.run([], ON_TWO)).outcomes).toEqual({
    "test_it.py::test_price": "passed",
    "test_more.py::test_more": "passed",
  });
  project.remove("test_it.py");
  expect((await prewarm.run([], ON_TWO)).outcomes).toEqual({ "test_more.py::test_more": "passed" });
});

test("what a node had that is killed in the middle runs on another, and is named", async () => {
  using project = new Project({ "puppet.py": PUPPET_MODULE, "test_it.py": PUPPETS });
  await using prewarm = new Prewarm(project);
  await using master = await PuppetMaster.listen(prewarm);
  const run = prewarm.start(["--junitxml=junit.xml"], PUPPETS_ON_TWO);
  const puppet = await master.next();
  await puppet.occupy("hang");
  process.kill(nodeSideOf(prewarm, puppet.pid).pid, "SIGKILL");
  const end = await letAllPass(master, run);
  await puppet.gone;
  expect(end.run.exit).toBe(0);
  expect(Object.values(end.run.outcomes ?? {})).toEqual(["passed", "passed", "passed", "passed"]);
  expect(end.run.stdout).toContain("4 passed");
  expect(end.names).toContain(puppet.name);
  expect(end.run.stderr).toContain("warning[node-lost]");
  expect(end.run.stderr).toContain("was ended by SIGKILL");
  const repeated = end.run.stderr.split("\n").find((line) => line.includes("warning[test-repeated]"));
  expect(repeated).toContain(`test_it.py::test_puppet[${puppet.name}]`);
  const junit = readFileSync(project.at("junit.xml"), "utf8");
  expect(junit.match(/<testcase /g)?.length).toBe(4);
  const testcase = new RegExp(
    `name="test_puppet\\[${puppet.name}\\]"[^>]*><properties><property name="prewarm_attempt" value="2"`,
  );
  expect(junit).toMatch(testcase);
});

test("a node that is stopped is given up after the patience, and what it had runs on another", async () => {
  using project = new Project({ "puppet.py": PUPPET_MODULE, "test_it.py": PUPPETS });
  await using prewarm = new Prewarm(project);
  await using master = await PuppetMaster.listen(prewarm);
  const flags = [...(PUPPETS_ON_TWO.flags ?? []), "--node-patience", "25"];
  const run = prewarm.start([], { ...PUPPETS_ON_TWO, flags });
  const puppet = await master.next();
  await puppet.occupy("hang");
  process.kill(nodeSideOf(prewarm, puppet.pid).pid, "SIGSTOP");
  const end = await letAllPass(master, run);
  // What runs there is ended: nobody waits for it.
  await puppet.gone;
  expect(end.run.exit).toBe(0);
  expect(end.run.stdout).toContain("4 passed");
  expect(end.run.stderr).toContain("it has said nothing for 25 s");
});

test("when no node is left, the run ends and is not green", async () => {
  using project = new Project({ "puppet.py": PUPPET_MODULE, "test_it.py": PUPPETS });
  await using prewarm = new Prewarm(project);
  await using master = await PuppetMaster.listen(prewarm);
  const run = prewarm.start([], { ...PUPPETS_ON_TWO, flags: ["--on", "local:1", "--node-env", "PUPPET_SOCKET"] });
  const first = await master.next();
  first.say("pass");
  const second = await master.next();
  await second.occupy("hang");
  process.kill(nodeSideOf(prewarm, second.pid).pid, "SIGKILL");
  const { exit, stdout, outcomes } = await run.finished;
  expect(exit).toBe(2);
  expect(stdout).toContain("no node is left");
  expect(outcomes?.[`test_it.py::test_puppet[${second.name}]`]).toBeUndefined();
  // The next run reaches the node anew.
  const next = await letAllPass(
    master,
    prewarm.start([], { ...PUPPETS_ON_TWO, flags: ["--on", "local:1", "--node-env", "PUPPET_SOCKET"] }),
  );
  expect(next.run.exit).toBe(0);
});

test("a worker that dies on a node fails the test that it ran, and no other", async () => {
  const tests = `import os
import pytest


@pytest.mark.parametrize("number", range(30))
def test_number(number):
    if number == 11:
        os.abort()
`;
  using project = new Project({ "test_it.py": tests });
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run([], ON_TWO);
  expect(run.exit).toBe(1);
  expect(run.stdout).toMatch(/worker gw\d was ended by SIGABRT while it ran this test/);
  expect(run.stdout).toContain("1 failed, 29 passed");
});

test("-x ends all nodes after the first failure", async () => {
  using project = new Project({ "puppet.py": PUPPET_MODULE, "test_it.py": PUPPETS });
  await using prewarm = new Prewarm(project);
  await using master = await PuppetMaster.listen(prewarm);
  const run = prewarm.start(["-x"], PUPPETS_ON_TWO);
  (await master.next()).say("fail");
  const end = await letAllPass(master, run);
  expect(end.run.exit).toBe(1);
  expect(end.run.stdout).toContain("stopping after 1 failures");
  expect(end.run.stdout).toContain("AssertionError: the spec says so");
});

test("ctrl-c tears down on the nodes, reports, and leaves nothing behind", async () => {
  using project = new Project({ "puppet.py": PUPPET_MODULE, "test_it.py": PUPPETS });
  await using prewarm = new Prewarm(project);
  await using master = await PuppetMaster.listen(prewarm);
  const run = prewarm.start([], { ...PUPPETS_ON_TWO, flags: ["--on", "local:1", "--node-env", "PUPPET_SOCKET"] });
  const puppet = await master.next();
  await puppet.occupy("hang");
  run.command.signal("SIGINT");
  const { exit, stdout } = await run.finished;
  expect(exit).toBe(2);
  expect(stdout).toContain("KeyboardInterrupt");
  await puppet.gone;
});

test("a file that does not collect is told as pytest tells it", async () => {
  using project = new Project({
    "test_it.py": "def test_it():\n    pass\n",
    "test_broken.py": "import nothing_like_this\n",
  });
  await using prewarm = new Prewarm(project);
  const plain = await prewarm.plain([], BARE);
  const run = await prewarm.run([], ON_TWO);
  expect(run.exit).toBe(plain.exit);
  expect(summaryOf(run.stdout)).toEqual(summaryOf(plain.stdout));
});

test("other tests on a node are an error that names them", async () => {
  const tests = `import os
import pytest

NAMES = ["there"] if "/nodes/" in __file__ else ["here"]


@pytest.mark.parametrize("name", NAMES)
def test_it(name):
    pass
`;
  using project = new Project({ "test_it.py": tests });
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run([], { ...BARE, flags: ["--on", "local:1"] });
  expect(run.exit).toBe(69);
  expect(run.stderr).toContain("error[nodes-differ]");
  expect(run.stderr).toContain("only here: test_it.py::test_it[here]; only there: test_it.py::test_it[there]");
});

test("an edit is resumed or patched on the nodes of a watch", async () => {
  using project = new Project({
    "shop.py": SHOP,
    "test_it.py": "from shop import price\n\n\ndef test_price():\n    assert price(1) == 2\n",
  });
  await using prewarm = new Prewarm(project);
  const watch = new Watch(prewarm, ["--on", "local:2"]);
  expect(await watch.run()).toEqual({ "test_it.py::test_price": "passed" });
  project.replace("shop.py", "def price(count):\n    return 3 * count\n");
  expect(await watch.run()).toEqual({ "test_it.py::test_price": "failed" });
  project.replace("shop.py", SHOP);
  expect(await watch.run()).toEqual({ "test_it.py::test_price": "passed" });
  watch.end();
});

test("PREWARM_ON and the configuration say it too", async () => {
  const tests = 'import os\n\n\ndef test_it():\n    assert "/nodes/" in os.getcwd()\n';
  using project = new Project({ "test_it.py": tests });
  await using prewarm = new Prewarm(project);
  expect((await prewarm.run([], { env: { ...BARE.env, PREWARM_ON: "local:1" } })).exit).toBe(0);
  project.write("prewarm.toml", 'on = "local:1"\n');
  expect((await prewarm.run([], BARE)).exit).toBe(0);
  // Of a node that has the same file in its copy, no node takes its tests.
  expect((await prewarm.run([], { env: { ...BARE.env, PREWARM_ON: "local:2" } })).exit).toBe(0);
});

test("a fixture of a run is set up once for each node, and torn down there", async () => {
  const tests = `import os
import prewarm
import pytest


@prewarm.fixture(scope="run")
def shared():
    with open(os.environ["SET_UP_LOG"], "a") as log:
        log.write("up " + os.getcwd() + "\\n")
    yield 5
    with open(os.environ["SET_UP_LOG"], "a") as log:
        log.write("down " + os.getcwd() + "\\n")


@pytest.mark.parametrize("number", range(30))
def test_number(number, shared):
    assert shared == 5
`;
  using project = new Project({ "test_it.py": tests });
  await using prewarm = new Prewarm(project);
  const log = `${prewarm.stateFolder}/log`;
  const env = { ...BARE.env, SET_UP_LOG: log };
  const run = await prewarm.run([], { env, flags: ["--on", "local:2", "-n", "2", "--node-env", "SET_UP_LOG"] });
  expect(run.exit, run.stdout).toBe(0);
  const lines = readFileSync(log, "utf8").trim().split("\n");
  const [ups, downs] = ["up ", "down "].map((word) =>
    lines.filter((line) => line.startsWith(word)).map((line) => line.slice(word.length)),
  );
  expect(new Set(ups).size).toBe(ups?.length);
  expect(downs?.toSorted()).toEqual(ups?.toSorted());
});

test("a fixture of a run that cannot be torn down on its node is an error of a test", async () => {
  const tests = `import prewarm


@prewarm.fixture(scope="run")
def shared():
    yield 5
    raise ValueError("in tear-down of the run")


def test_it(shared):
    assert shared == 5
`;
  using project = new Project({ "test_it.py": tests });
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run([], { ...BARE, flags: ["--on", "local:1"] });
  expect(run.exit).toBe(1);
  expect(run.stdout).toContain("ERROR test_it.py::test_it");
  expect(run.stdout).toContain("ValueError: in tear-down of the run");
});

test("what a test leaves behind on a node is told here, and ended there", async () => {
  const tests = `import subprocess


def test_it():
    subprocess.Popen(["sleep", "100000"])
`;
  using project = new Project({ "test_it.py": tests });
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run([], { ...BARE, flags: ["--on", "local:1"] });
  expect(run.exit).toBe(0);
  expect(run.stderr).toContain("warning[left-behind]");
  expect(run.stderr).toContain("sleep 100000");
  expect(prewarm.processes().filter(({ words }) => words[0] === "sleep")).toEqual([]);
});

test("a session's end on a node is not cut short", async () => {
  const conftest = `import os, time


def pytest_sessionfinish(session):
    # On the node alone: home has no such variable.
    if os.environ.get("ENDED") and "/nodes/" in os.getcwd():
        time.sleep(0.5)
        with open(os.environ["ENDED"], "a") as file:
            file.write("ended\\n")
`;
  using project = new Project({ "conftest.py": conftest, "test_it.py": "def test_it():\n    pass\n" });
  await using prewarm = new Prewarm(project);
  const ended = `${prewarm.stateFolder}/ended`;
  const options = { env: { ...BARE.env, ENDED: ended }, flags: ["--on", "local:1", "--node-env", "ENDED"] };
  expect((await prewarm.run([], options)).exit).toBe(0);
  // It begins when the one before is over.
  expect((await prewarm.run([], options)).exit).toBe(0);
  expect(readFileSync(ended, "utf8")).toMatch(/^ended\n/);
});

test("--lf runs on nodes what has failed here before", async () => {
  const tests = `import pytest


@pytest.mark.parametrize("number", range(6))
def test_number(number):
    assert number != 4
`;
  using project = new Project({ "test_it.py": tests });
  await using prewarm = new Prewarm(project);
  expect((await prewarm.run([], ON_TWO)).exit).toBe(1);
  const again = await prewarm.run(["--lf"], ON_TWO);
  expect(again.exit).toBe(1);
  expect(again.outcomes).toEqual({ "test_it.py::test_number[4]": "failed" });
});

test("with -s what tests print comes with the names of their workers", async () => {
  const tests = 'def test_one():\n    print("said on a node")\n';
  using project = new Project({ "test_it.py": tests });
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run(["-s"], { ...BARE, flags: ["--on", "local:1"] });
  expect(run.exit).toBe(0);
  expect(run.stdout).toContain("gw0 | said on a node");
});

/** The lines of pytest's short summary, and the numbers of the last line. */
function summaryOf(stdout: string): readonly string[] {
  const lines = stdout.split("\n");
  const short = lines.filter((line) => /^(?:FAILED|ERROR) /.test(line)).toSorted();
  return [
    ...short,
    lines
      .findLast((line) => / in [\d.]+s/.test(line))
      ?.replace(/ in [\d.]+s.*$/, "")
      .replaceAll("=", "")
      .trim() ?? "",
  ];
}
