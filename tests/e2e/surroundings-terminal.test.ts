// Width, colour and the terminal itself are the requester's, run by run.
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
