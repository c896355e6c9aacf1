// VS Code's way to start pytest: its script or `-p vscode_pytest`, a file with the chosen ids, a pipe for the results.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Command, type Finished } from "../rig/command.ts";
import { interpreter } from "../rig/interpreter.ts";
import { PluginShop, SHOP, shown } from "../rig/plugin-shop.ts";
import { ResultPipe } from "../rig/result-pipe.ts";

// The plugin itself belongs to the editor. This one keeps and sends the same things in the same way, in fewer words.
const PLUGIN = `
import json
import os
import pathlib

TEST_RUN_PIPE = os.getenv("TEST_RUN_PIPE")
IS_DISCOVERY = False
_open = []


def pytest_load_initial_conftests(args):
    global TEST_RUN_PIPE, IS_DISCOVERY
    TEST_RUN_PIPE = os.getenv("TEST_RUN_PIPE")
    IS_DISCOVERY = "--collect-only" in args


def send(params):
    if not _open:
        _open.append(open(TEST_RUN_PIPE, "wb"))
    body = json.dumps({"jsonrpc": "2.0", "params": params}).encode()
    _open[0].write(b"content-length: %d\\r\\ncontent-type: application/json\\r\\n\\r\\n" % len(body) + body)
    _open[0].flush()


def pytest_runtest_logreport(report):
    if report.when == "call":
        send({"cwd": os.getcwd(), "result": {report.nodeid: report.outcome}})


def pytest_sessionfinish(session):
    if IS_DISCOVERY:
        send({"cwd": os.getcwd(), "tests": [item.nodeid for item in session.items]})
`;
const SCRIPT = `
import os
import pathlib
import sys

import pytest

sys.path.append(os.fspath(pathlib.Path(__file__).parent.parent))
sys.path.insert(0, os.getcwd())
ids = pathlib.Path(os.environ["RUN_TEST_IDS_PIPE"])
try:
    print("chosen:", ids.read_text().split(), flush=True)
    pytest.main(["-p", "vscode_pytest", *sys.argv[1:], *ids.read_text().splitlines()])
finally:
    ids.unlink()
`;
const FILES = {
  ...SHOP,
  ".editor/vscode_pytest/__init__.py": PLUGIN,
  ".editor/vscode_pytest/run_pytest_script.py": SCRIPT,
};

/** A person at the editor. */
class Editor extends PluginShop {
  #runs = 0;

  constructor() {
    super(FILES);
  }

  /** Runs these tests; without any, discovers all. */
  async start(ids: readonly string[], isWarm: boolean): Promise<{ end: Finished; messages: readonly unknown[] }> {
    this.#runs += 1;
    const { project, prewarm } = this;
    const pipe = new ResultPipe(join(prewarm.stateFolder, `pipe-${this.#runs}`));
    const chosen = join(prewarm.stateFolder, `chosen-${this.#runs}`);
    writeFileSync(chosen, ids.join("\n"));
    const options = ["--rootdir", project.root, "-p", "no:cacheprovider"];
    const words =
      ids.length === 0
        ? ["-m", "pytest", "-p", "vscode_pytest", "--collect-only", ...options]
        : [project.at(".editor/vscode_pytest/run_pytest_script.py"), ...options];
    const env = prewarm.environment({
      PYTHONPATH: `${project.at(".editor")}:${prewarm.environment().PYTHONPATH}`,
      TEST_RUN_PIPE: pipe.path,
      RUN_TEST_IDS_PIPE: chosen,
      PREWARM: isWarm ? "1" : undefined,
    });
    const end = await new Command([interpreter, ...words], { cwd: project.root, env }).finished;
    pipe.close();
    expect(existsSync(chosen)).toBe(ids.length === 0);
    return { end, messages: await pipe.messages };
  }
}

test("chosen tests, run after run: each run's results come through its own pipe, from warm processes", async () => {
  await using editor = new Editor();
  const one = ["tests/test_price.py::test_one"];
  const both = [...one, "tests/test_price.py::test_surroundings"];
  for (const [ids, way] of [
    [both, "cold"],
    [both, "warm"],
    [one, "warm"],
  ] as const) {
    const plain = await editor.start(ids, false);
    const warm = await editor.start(ids, true);
    expect(warm.messages, warm.end.stdout + warm.end.stderr).toEqual(plain.messages);
    expect(warm.messages).toHaveLength(ids.length);
    const told = ({ end }: { end: Finished }): object =>
      shown({ ...end, stdout: end.stdout.replace("None False", "1 False") });
    expect(told(warm)).toEqual(told(plain));
    // Its script does not look at pytest's exit code.
    expect(warm.end.exit).toBe(0);
    const { lastRecord } = await editor.prewarm.status();
    expect(lastRecord?.way, lastRecord?.reason).toBe(way);
  }
});

test("discovery", async () => {
  await using editor = new Editor();
  const plain = await editor.start([], false);
  for (const way of ["cold", "warm"]) {
    const warm = await editor.start([], true);
    expect(warm.messages).toEqual(plain.messages);
    expect(shown(warm.end)).toEqual(shown(plain.end));
    expect((await editor.prewarm.status()).lastRecord?.way).toBe(way);
  }
});
