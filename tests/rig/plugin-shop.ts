import { readFileSync } from "node:fs";
import type { Finished } from "./command.ts";
import { installAgent, ownCommand } from "./installed-agent.ts";
import { Prewarm, type RunOptions } from "./prewarm.ts";
import { Project } from "./project.ts";
import { comparable } from "./same-as-cold.ts";

/** Each process that imports the application says so. */
export const SHOP = {
  "shop.py": `
import os

# Kept open, as a log is: a file that the start has closed is part of what it leaves behind.
log = open(os.path.join(os.path.dirname(__file__), "imports.log"), "a", buffering=1)
log.write(f"{os.getpid()}\\n")


def price(count):
    return count * 5
`,
  "tests/test_price.py": `
import os
import sys

from shop import price


def test_one():
    assert price(1) == 5


def test_surroundings():
    print(sys.argv, os.getcwd(), sorted(name for name in os.environ if name.startswith("PYTEST")))
    print(os.environ.get("PREWARM"), sys.stdin.isatty(), os.isatty(1))
    assert price(2) == 11
`,
  "pytest.ini": "[pytest]\npythonpath = .\n",
};

/** A shop, a prewarm for it, and the environment in which the agent is installed. */
export class PluginShop implements AsyncDisposable {
  readonly project: Project;
  readonly prewarm: Prewarm;

  constructor(files: Readonly<Record<string, string>> = SHOP) {
    this.project = new Project(files);
    this.prewarm = new Prewarm(this.project, { PYTHONPATH: installAgent(), PREWARM_BIN: ownCommand });
  }

  async pytest(args: readonly string[] = [], options: RunOptions = {}): Promise<Finished> {
    return this.prewarm.plain(["-p", "no:cacheprovider", ...args], options);
  }

  /** Which processes have imported the application. */
  get imports(): readonly string[] {
    return readFileSync(this.project.at("imports.log"), "utf8").trim().split("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.prewarm[Symbol.asyncDispose]();
    this.project[Symbol.dispose]();
  }
}

/** What has to be the same as that of plain pytest. */
export function shown({ exit, stdout, stderr }: Finished): object {
  return { exit, stdout: comparable(stdout), stderr: comparable(stderr) };
}
