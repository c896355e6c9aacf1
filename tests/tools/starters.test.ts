// What starts `pytest` by itself: tox, nox and pre-commit show what plain pytest shows.
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Finished } from "../rig/command.ts";
import { interpreter } from "../rig/interpreter.ts";
import { PluginShop, SHOP, shown } from "../rig/plugin-shop.ts";
import { runTool } from "../rig/tools.ts";

/** Where an interpreter has its packages: an environment that is made by a test gets none over a network. */
const packages = execFileSync(interpreter, ["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], {
  encoding: "utf8",
}).trim();

const TOX = `
[tox]
env_list = py
no_package = true

[testenv]
base_python = {env:TESTED_PYTHON}
pass_env = PREWARM*, PYTEST_*
set_env =
    PYTHONHASHSEED = 0
    PYTHONPATH = {env:PYTHONPATH}
commands = python -m pytest {posargs}
`;

const NOX = `
import os

import nox


@nox.session(python=os.environ["TESTED_PYTHON"], reuse_venv=True)
def tests(session):
    session.run("python", "-m", "pytest", *session.posargs)
`;

const PRE_COMMIT = `
repos:
- repo: local
  hooks:
  - id: tests
    name: tests
    entry: ${interpreter} -m pytest -q
    language: system
    pass_filenames: false
    types: [python]
`;

interface Starter {
  readonly tool: string;
  readonly args: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  /** The exit code that it has where pytest's is 1. */
  readonly exit: number;
  readonly isRepository?: boolean;
}

const STARTERS: readonly Starter[] = [
  { tool: "tox", args: ["run", "--colored", "no", "--", "-rA"], files: { "tox.ini": TOX }, exit: 1 },
  { tool: "nox", args: ["--non-interactive", "--", "-rA"], files: { "noxfile.py": NOX }, exit: 1 },
  {
    tool: "pre-commit",
    args: ["run", "--all-files", "--verbose"],
    files: { ".pre-commit-config.yaml": PRE_COMMIT },
    exit: 1,
    isRepository: true,
  },
];

test.for(STARTERS)("$tool", async ({ tool, args, files, exit, isRepository = false }) => {
  await using shop = new PluginShop({ ...SHOP, ...files });
  if (isRepository) {
    execFileSync("git", ["init", "--quiet"], { cwd: shop.project.root });
    execFileSync("git", ["add", "."], { cwd: shop.project.root });
  }
  // What the tool makes for itself is made before the runs that are compared.
  await start(shop, tool, args);
  const plain = await start(shop, tool, args);
  expect(plain.exit, plain.stdout + plain.stderr).toBe(exit);
  for (const way of ["cold", "warm", "warm"]) {
    const run = await start(shop, tool, args, { PREWARM: "1" });
    expect(compared(run)).toEqual(compared(plain));
    const { lastRecord } = await shop.prewarm.status();
    expect(lastRecord?.way, lastRecord?.reason).toBe(way);
  }
});

async function start(shop: PluginShop, tool: string, args: readonly string[], more: Record<string, string> = {}) {
  const home = join(shop.prewarm.stateFolder, "home");
  mkdirSync(home, { recursive: true });
  const installed = shop.prewarm.environment().PYTHONPATH;
  const env = {
    HOME: home,
    XDG_DATA_HOME: home,
    XDG_CACHE_HOME: home,
    TESTED_PYTHON: interpreter,
    PYTHONPATH: `${installed}:${packages}`,
    PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1",
    PYTEST_ADDOPTS: "-p prewarm.plugin -p no:cacheprovider",
    NO_COLOR: "1",
    ...more,
  };
  return runTool(tool, args, { cwd: shop.project.root, env: shop.prewarm.environment(env) });
}

/** What has to be the same, but for the times that the tools tell, and the variable that asks for the warm run. */
function compared(run: Finished): object {
  const text = (all: string) =>
    all
      .replace(/pid=\d+/g, "pid")
      .replace(/[\d.]+(=setup\[[\d.]+\]\+cmd\[[\d.]+\])? seconds?|duration: [\d.]+s/g, "<time>")
      .replace(/^None (?=False)|^1 (?=False)/gm, "")
      .replace(/(finished|successful|failed) in .*$/gm, "$1");
  return shown({ ...run, stdout: text(run.stdout), stderr: text(run.stderr) });
}
