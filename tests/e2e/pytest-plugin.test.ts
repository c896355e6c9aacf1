// `pytest --prewarm`: plain pytest's command, in the process that is kept warm.
import { expect, test } from "vitest";
import { Command } from "../rig/command.ts";
import { agentPackage } from "../rig/installed-agent.ts";
import { hasModule, interpreter, plainPytest } from "../rig/interpreter.ts";
import { PluginShop, shown } from "../rig/plugin-shop.ts";
import { PUPPET_MODULE, PuppetMaster } from "../rig/puppet.ts";
import { onTerminal } from "../rig/terminal.ts";

test("exit code and output are pytest's, the application is imported once for all runs", async () => {
  await using shop = new PluginShop();
  for (const args of [[], ["-k", "one"], ["-q", "tests/test_price.py::test_surroundings"], ["nowhere"], ["--wrong"]]) {
    const plain = await shop.pytest(args);
    shop.project.write("imports.log", "");
    const warm = await shop.pytest(["--prewarm", ...args]);
    expect(shown(warm), args.join(" ")).toEqual(shown(plain));
  }
  shop.project.write("imports.log", "");
  const again = await shop.pytest([], { env: { PREWARM: "1" } });
  expect(again.exit).toBe(1);
  expect(shop.imports).toEqual([""]);
  const { lastRecord } = await shop.prewarm.status();
  expect(lastRecord?.way).toBe("warm");
  // The command line's runs are served by the same processes.
  await shop.prewarm.run(["-p", "no:cacheprovider"]);
  expect((await shop.prewarm.status()).lastRecord?.way).toBe("warm");
});

test("started as a module, in a folder below, and on a terminal", async () => {
  await using shop = new PluginShop();
  const place = { cwd: shop.project.at("tests"), env: shop.prewarm.environment() };
  const words = [interpreter, "-m", "pytest", "-p", "no:cacheprovider", "-rA"];
  const plain = await new Command(words, place).finished;
  const warm = await new Command([...words, "--prewarm"], place).finished;
  expect(shown(warm)).toEqual(shown(plain));
  const wrap = onTerminal(70);
  const onScreen = await shop.pytest(["-s"], { wrap, env: { TERM: "xterm" } });
  const warmOnScreen = await shop.pytest(["-s", "--prewarm"], { wrap, env: { TERM: "xterm" } });
  expect(shown(warmOnScreen)).toEqual(shown(onScreen));
  expect(warmOnScreen.stdout).toContain("None True True");
});

test("ctrl-c lets pytest end and report", async () => {
  await using shop = new PluginShop({
    "puppet.py": PUPPET_MODULE,
    "test_long.py": "import puppet\n\n\ndef test_long():\n    puppet.play('long')\n",
    "pytest.ini": "[pytest]\npythonpath = .\n",
  });
  await using puppets = await PuppetMaster.listen(shop.prewarm);
  const place = { cwd: shop.project.root, env: shop.prewarm.environment() };
  const command = new Command([...plainPytest, "--prewarm", "-p", "no:cacheprovider"], place);
  const puppet = await puppets.next();
  await puppet.occupy("hang");
  command.signal("SIGINT");
  const { exit, stdout } = await command.finished;
  expect(exit).toBe(2);
  expect(stdout).toContain("KeyboardInterrupt");
  expect(stdout.match(/no tests ran in/g)).toHaveLength(1);
});

test("it stays away: not asked for, forbidden, inside of runs", async () => {
  const inner = `
import os
import subprocess
import sys

pytest_plugins = ["pytester"]


def run(where):
    words = [sys.executable, "-m", "pytest", "--prewarm", "-q", "-p", "no:cacheprovider", where]
    return subprocess.run(words, capture_output=True, text=True, timeout=60)


INNER = run(os.path.join(os.path.dirname(__file__), "inner"))
`;
  await using shop = new PluginShop({
    "conftest.py": inner,
    "inner/test_inner.py": "def test_inner():\n    assert 1\n",
    "inner/pytest.ini": "[pytest]\n",
    "test_outer.py": `
import conftest


def test_in_conftest():
    assert "1 passed" in conftest.INNER.stdout, conftest.INNER


def test_subprocess():
    assert "1 passed" in conftest.run("inner").stdout


def test_pytester(pytester):
    pytester.makepyfile("def test_inner():\\n    assert 1\\n")
    pytester.runpytest_inprocess("--prewarm").assert_outcomes(passed=1)
    pytester.runpytest_subprocess("--prewarm").assert_outcomes(passed=1)
`,
  });
  const target = ["test_outer.py"];
  const env = { PREWARM_DISABLE: "1", PREWARM: "1" };
  expect(await shop.pytest(["--prewarm", ...target], { env })).toMatchObject({ exit: 0, stderr: "" });
  expect(await shop.pytest(target, { env: { PREWARM: "0" } })).toMatchObject({ exit: 0, stderr: "" });
  expect((await shop.prewarm.command(["status"]).finished).stdout).toContain("no daemon");
  for (const way of ["cold", "warm"]) {
    expect(await shop.pytest(target, { env: { PREWARM: "1" } })).toMatchObject({ exit: 0, stderr: "" });
    expect((await shop.prewarm.status()).lastRecord?.way).toBe(way);
  }
});

test("the package installs with pip, and says nothing of itself in a plain run", async ({ skip }) => {
  if (!hasModule("hatchling")) skip("hatchling is not installed");
  await using shop = new PluginShop();
  const target = shop.project.at("site");
  const pip = [
    interpreter,
    "-m",
    "pip",
    "install",
    "--quiet",
    "--no-build-isolation",
    "--no-index",
    "--target",
    target,
  ];
  const place = { cwd: shop.project.root, env: shop.prewarm.environment({ PIP_DISABLE_PIP_VERSION_CHECK: "1" }) };
  expect(await new Command([...pip, agentPackage], place).finished).toMatchObject({ exit: 0 });
  const env = { PYTHONPATH: target };
  const warm = await shop.pytest(["--prewarm", "tests"], { env });
  expect(shown(warm)).toEqual(shown(await shop.pytest(["tests"], { env })));
  expect((await shop.prewarm.status()).lastRecord?.way).toBe("cold");
});
