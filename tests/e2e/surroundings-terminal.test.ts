// Width, colour and the terminal itself are the requester's, run by run.
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { ColdAndWarm } from "../rig/same-as-cold.ts";
import { onTerminal } from "../rig/terminal.ts";
import { VARIED } from "./varied-project.ts";

/** On a terminal our own lines would come between pytest's. */
const QUIET = { flags: ["--quiet"] };
const TERMINAL = {
  ...VARIED,
  "tests/test_terminal.py": `
import os
import shutil
import sys


def test_terminal():
    print([os.isatty(descriptor) for descriptor in (0, 1, 2)], shutil.get_terminal_size())
    print(sys.__stdout__.isatty(), sys.__stdout__.line_buffering)
    assert not os.isatty(1)
`,
};

test("on terminals of several widths, and without one", async () => {
  await using twins = new ColdAndWarm(TERMINAL, { TERM: "xterm-256color" });
  await twins.same();
  for (const columns of [120, 60]) await twins.same("", { ...QUIET, wrap: onTerminal(columns) });
  const { cold } = await twins.same("-s", { ...QUIET, wrap: onTerminal(80) });
  expect(cold.stdout).toContain("\u001b[32m");
  await twins.same("--color=no", { ...QUIET, wrap: onTerminal(80) });
  await twins.same();
  expect(await twins.way()).toBe("warm");
});

test("a start that takes long is told in one line, which goes when pytest begins", async () => {
  await using twins = new ColdAndWarm({
    "conftest.py": "import os, time\n\nwhile not os.path.exists('go'):\n    time.sleep(0.01)\n",
    "test_it.py": "def test_it():\n    pass\n",
  });
  const run = twins.prewarm.start([], { wrap: onTerminal(80) });
  await run.command.writes("prewarm: ");
  twins.project.write("go", "");
  const { exit, stdout } = await run.finished;
  expect(exit).toBe(0);
  const drawn = stripVTControlCharacters(stdout).match(/prewarm: .*? s(?=\r|\n|=|$)/gm) ?? [];
  expect(drawn.length).toBeGreaterThan(0);
  for (const line of drawn) {
    expect(line).toMatch(/^prewarm: starting · (pytest|conftest\.py|test_it\.py)( is importing \w+)? · [\d.]+ s$/);
  }
  // Where the last of them stood, something else does now.
  expect(stdout.slice(stdout.lastIndexOf("prewarm: starting"))).toContain("\r\u001b[2K");
});

test("variables that decide on width and colour", async () => {
  await using twins = new ColdAndWarm(TERMINAL);
  for (const env of [
    {},
    { COLUMNS: "50" },
    { FORCE_COLOR: "1" },
    { NO_COLOR: "1" },
    { CI: "1" },
    { COLUMNS: "130", PY_COLORS: "1" },
  ]) {
    await twins.same("", { env });
  }
  await twins.same("", { env: { NO_COLOR: "1", TERM: "xterm" }, ...QUIET, wrap: onTerminal(70) });
  expect(await twins.way()).toBe("warm");
});
