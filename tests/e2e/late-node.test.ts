// A node that comes while a run goes on: nobody has waited for it, and it gets its part of what is left.
import { expect, test } from "vitest";
import { letAllPass, nodeSideOf } from "../rig/nodes.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { PUPPET_MODULE, PuppetMaster } from "../rig/puppet.ts";

const TESTS = `import puppet
import pytest

if "/nodes/1/" in __file__:
    puppet.play("collecting")


@pytest.mark.parametrize("number", range(24))
def test_puppet(number):
    puppet.play(str(number))
`;

const ON_TWO = ["--on", "local:2", "--node-patience", "100", "--node-env", "PUPPET_SOCKET"];

test("a node that collects late is handed tests when it has", async () => {
  using project = new Project({ "puppet.py": PUPPET_MODULE, "test_it.py": TESTS });
  await using prewarm = new Prewarm(project, { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" });
  await using master = await PuppetMaster.listen(prewarm);
  const run = prewarm.start([], { flags: ON_TWO });
  const both = [await master.next(), await master.next()];
  const late = both.find(({ name }) => name === "collecting");
  const early = both.find(({ name }) => name !== "collecting");
  if (late === undefined || early === undefined) throw new Error("Expected one node to run tests while one collects.");
  const lateNode = nodeSideOf(prewarm, late.pid).pid;
  expect(nodeSideOf(prewarm, early.pid).pid).not.toBe(lateNode);
  late.say("pass");
  // The test of the other node has not ended: this one runs where somebody has just come.
  const next = await master.next();
  expect(nodeSideOf(prewarm, next.pid).pid).toBe(lateNode);
  for (const puppet of [early, next]) puppet.say("pass");
  const end = await letAllPass(master, run);
  expect(end.run.stderr).toBe("");
  expect(end.run.exit).toBe(0);
  expect(end.run.stdout).toContain("24 passed");
  // Each test once.
  const names = [early.name, next.name, ...end.names];
  expect(new Set(names).size).toBe(24);
  expect(names).toHaveLength(24);
});
