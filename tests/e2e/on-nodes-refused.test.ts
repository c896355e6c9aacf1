// Runs that cannot be on nodes: each says why, with a code, before a test has run.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { encodeFrame } from "../../src/protocol/frames.ts";
import { interpreter } from "../rig/interpreter.ts";
import { endDaemonsOf, playedSsh } from "../rig/nodes.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const ownProgram = fileURLToPath(new URL("../../bin/prewarm.js", import.meta.url));
const PASSES = { "test_it.py": "def test_it():\n    pass\n" };

test.for([
  ["--pdb", ["--pdb"], [], "A debugger cannot stop in tests that run on nodes."],
  ["--trace", ["--trace"], [], "A debugger cannot stop in tests that run on nodes."],
  ["--debugpy", [], ["--debugpy", "0"], "A debugger cannot stop in tests that run on nodes."],
  ["--dist each", [], ["-n", "2", "--dist", "each"], "`--dist each` would run each test on every node"],
] as const)("%s", async ([, args, flags, sentence]) => {
  using project = new Project(PASSES);
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run(args, { flags: ["--on", "local:1", ...flags] });
  expect(run.exit).toBe(69);
  expect(run.stderr).toContain("error[not-on-nodes]");
  expect(run.stderr).toContain(sentence);
  expect(run.stdout).toBe("");
});

test("a debugger that the project's own options ask for is refused when they are known", async () => {
  using project = new Project({ ...PASSES, "pytest.ini": "[pytest]\naddopts = --pdb\n" });
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run([], { flags: ["--on", "local:1"] });
  expect(run.exit).toBe(69);
  expect(run.stderr).toContain("error[not-on-nodes] A debugger cannot stop in tests that run on nodes.");
});

test("a value of --on that is none", async () => {
  using project = new Project(PASSES);
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run([], { flags: ["--on", "cloud:3"] });
  expect(run.exit).toBe(64);
  expect(run.stderr).toContain("Expected `--on` to be `local:N`, `ssh:HOST,HOST` or `ray[:ADDRESS]`, got `cloud:3`.");
});

test("an interpreter with other packages is refused with the list of them", async () => {
  using project = new Project(PASSES);
  await using prewarm = new Prewarm(project);
  // Outside of the project: what is in it travels.
  const folder = `${prewarm.stateFolder}/bare`;
  expect(spawnSync(interpreter, ["-m", "venv", "--without-pip", folder]).status).toBe(0);
  const flags = ["--on", "local:2", "--node-python", `${folder}/bin/python`];
  const run = await prewarm.run([], { flags });
  expect(run.exit).toBe(69);
  expect(run.stderr).toMatch(
    /error\[nodes-differ\] The node local-0 is not as this machine: pytest: [\d.]+ here, not there/,
  );
  expect(run.stdout).toBe("");
  const allowed = await prewarm.run([], { flags: [...flags, "--allow-differences"] });
  expect(allowed.exit).toBe(69);
  expect(allowed.stderr).toContain("cannot import pytest");
  expect(allowed.stderr).toContain("error[node-unreachable]");
});

test("no interpreter there", async () => {
  using project = new Project(PASSES);
  await using prewarm = new Prewarm(project);
  const run = await prewarm.run([], { flags: ["--on", "local:1", "--node-python", "/nowhere/python"] });
  expect(run.exit).toBe(69);
  expect(run.stderr).toContain("error[no-python] The node local-0: There is no /nowhere/python.");
});

test("a host that cannot be reached", async () => {
  using project = new Project(PASSES);
  await using prewarm = new Prewarm(project);
  const says = "ssh: Could not resolve hostname build1: Name or service not known";
  const ssh = playedSsh(prewarm.stateFolder, `echo '${says}' >&2\nexit 255\n`);
  const run = await prewarm.run([], { flags: ["--on", "ssh:build1"], env: { PREWARM_SSH: ssh } });
  expect(run.exit).toBe(69);
  expect(run.stderr).toContain("error[node-unreachable] The node build1 cannot be reached");
  expect(run.stderr).toContain(says);
});

test("a host without prewarm", async () => {
  using project = new Project(PASSES);
  await using prewarm = new Prewarm(project);
  const env = { PREWARM_SSH: playedSsh(prewarm.stateFolder) };
  const run = await prewarm.run([], { flags: ["--on", "ssh:build1", "--node-command", "/nowhere/prewarm node"], env });
  expect(run.exit).toBe(69);
  expect(run.stderr).toContain("error[node-unreachable]");
  expect(run.stderr).toContain("/nowhere/prewarm");
});

test("a node side that speaks another protocol", async () => {
  using project = new Project(PASSES);
  await using prewarm = new Prewarm(project);
  const ready = { type: "ready", protocol: 99, version: "9.9.9", root: "", cores: { logical: 1, physical: 1 } };
  const frame = `${prewarm.stateFolder}/frame`;
  writeFileSync(frame, encodeFrame(ready));
  const env = { PREWARM_SSH: playedSsh(prewarm.stateFolder, `cat ${frame} -\n`) };
  const run = await prewarm.run([], { flags: ["--on", "ssh:build1"], env });
  expect(run.exit).toBe(69);
  expect(run.stderr).toContain("error[node-version] build1 has prewarm 9.9.9, which speaks another protocol.");
});

test("a folder that cannot be written there", async () => {
  using project = new Project(PASSES);
  await using prewarm = new Prewarm(project);
  const env = { PREWARM_SSH: playedSsh(prewarm.stateFolder) };
  const command = `${process.execPath} ${ownProgram} node --folder /proc/nodes`;
  const run = await prewarm.run([], { flags: ["--on", "ssh:build1", "--node-command", command], env });
  expect(run.exit).toBe(73);
  expect(run.stderr).toContain("error[node-folder] The folder /proc/nodes/");
});

test("one host of two is enough, and the other is named", async () => {
  using project = new Project(PASSES);
  await using prewarm = new Prewarm(project);
  const script =
    'case "$*" in *" gone "*) echo "no route to host" >&2; exit 255;; esac\nfor word; do :; done\nexec sh -c "$word"\n';
  const ssh = playedSsh(prewarm.stateFolder, script);
  const command = `${process.execPath} ${ownProgram} node --folder ${prewarm.stateFolder}/there`;
  const env = { PREWARM_SSH: ssh };
  const run = await prewarm.run([], { flags: ["--on", "ssh:gone,here", "--node-command", command], env });
  expect(run.exit).toBe(0);
  expect(run.outcomes).toEqual({ "test_it.py::test_it": "passed" });
  expect(run.stderr).toContain("warning[node-left-out]");
  expect(run.stderr).toContain("no route to host");
  endDaemonsOf(prewarm, `${prewarm.stateFolder}/there`);
});
