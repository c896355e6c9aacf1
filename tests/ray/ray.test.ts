// A real Ray cluster of three nodes on this machine: what people see is the run of one machine, and nothing is lost when a node is.
import { join } from "node:path";
import { expect, test } from "vitest";
import { Command } from "../rig/command.ts";
import { letAllPass } from "../rig/nodes.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { PUPPET_MODULE, PuppetMaster } from "../rig/puppet.ts";
import { ON_RAY, otherRay, RayCluster, rayEnvironment, rayNodeOf, rayPython } from "../rig/ray-cluster.ts";

const SHOP = "def price(count):\n    return 2 * count\n";

const TESTS = `import os
import pytest
from shop import price


@pytest.mark.parametrize("number", range(30))
def test_number(number):
    assert price(number) == 2 * number
    assert "/nodes/ray-" in os.getcwd() or "HERE" in os.environ


def test_fails():
    assert price(1) == 3


def test_skipped():
    pytest.skip("not today")
`;

const PUPPETS = `import puppet
import pytest


@pytest.mark.parametrize("number", range(24))
def test_puppet(number):
    puppet.play(str(number))
`;

test("on three nodes of Ray: the outcomes and the exit code of plain pytest, again on warm nodes, and after an edit; another version of Ray is refused", async () => {
  using project = new Project({ "shop.py": SHOP, "test_it.py": TESTS });
  await using prewarm = new Prewarm(project);
  const env = rayEnvironment(prewarm);
  await using _ = await RayCluster.start(prewarm, 3);
  const plain = await new Command([rayPython, "-m", "pytest", "-p", "no:cacheprovider"], {
    ...{ cwd: project.root, env: prewarm.environment({ ...env, HERE: "1" }) },
  }).finished;
  expect(plain.stdout).toContain("1 failed, 30 passed, 1 skipped");
  for (const way of ["cold", "warm"]) {
    const run = await prewarm.run([], { flags: ON_RAY, env });
    expect(run.stderr, way).toBe("");
    expect(run.exit, way).toBe(plain.exit);
    expect(run.stdout, way).toContain("1 failed, 30 passed, 1 skipped");
    expect(run.stdout, way).toContain("FAILED test_it.py::test_fails - assert 2 == 3");
  }
  project.write("shop.py", "def price(count):\n    return 3 * count\n");
  const edited = await prewarm.run([], { flags: ON_RAY, env });
  expect(edited.stderr).toBe("");
  expect(edited.exit).toBe(1);
  expect(edited.stdout).toContain("29 failed, 2 passed, 1 skipped");
  const other = otherRay(join(prewarm.stateFolder, "other"));
  const refused = await prewarm.run([], { flags: [...ON_RAY, "--python", other], env });
  expect(refused.exit).toBe(69);
  expect(refused.stderr).toMatch(
    /error.ray-differs. The cluster has Ray [\d.]+ and Python [\d.]+, and \S+ has Ray 2\.0\.0/,
  );
  expect(refused.stderr).toMatch(/-m pip install "ray==[\d.]+"/);
});

test("a node of Ray that joins takes part in the run that goes on, and what it had when it is killed runs on another", async () => {
  using project = new Project({ "puppet.py": PUPPET_MODULE, "test_it.py": PUPPETS });
  await using prewarm = new Prewarm(project);
  await using master = await PuppetMaster.listen(prewarm);
  await using cluster = await RayCluster.start(prewarm, 2);
  const run = prewarm.start([], { flags: ON_RAY, env: rayEnvironment(prewarm) });
  const [first, second] = [await master.next(), await master.next()];
  await cluster.addNode();
  // The two that were there have their hands full: it is on the one that has come.
  const third = await master.next();
  const nodes = [first, second, third].map(({ pid }) => rayNodeOf(prewarm, pid));
  expect(new Set(nodes).size).toBe(3);
  process.kill(nodes[2] ?? 0, "SIGKILL");
  await third.gone;
  for (const puppet of [first, second]) puppet.say("pass");
  const end = await letAllPass(master, run);
  expect(end.run.stdout).toContain("24 passed");
  expect(end.run.exit).toBe(0);
  expect(end.run.stderr).toContain("warning[node-lost]");
  expect(end.run.stderr).toMatch(new RegExp(`warning.test-repeated. .*test_puppet.${third.name}.`));
  expect(end.names).toContain(third.name);
});
