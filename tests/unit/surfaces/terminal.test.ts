import { expect, test } from "vitest";
import { problem } from "../../../src/protocol/errors.ts";
import { printProblem, printWarning } from "../../../src/surfaces/terminal/print-problem.ts";
import { printable, type Terminal, wantsColor } from "../../../src/surfaces/terminal/terminal.ts";

function record(options: { isScreen: boolean; hasColor: boolean }): { terminal: Terminal; read: () => string } {
  let text = "";
  return {
    terminal: {
      ...options,
      write: (part) => {
        text += part;
      },
    },
    read: () => text,
  };
}

test("an error is code, sentence and next step; with colour the command is bold", () => {
  const fault = problem(
    "no-pytest",
    ".venv/bin/python cannot import pytest.",
    "pip install pytest      another: --python PATH",
  );
  const pipe = record({ isScreen: false, hasColor: false });
  printProblem(fault, pipe.terminal);
  printWarning({ code: "two-environments", text: "Two.", next: "" }, pipe.terminal);
  expect(pipe.read()).toBe(
    "prewarm: error[no-pytest] .venv/bin/python cannot import pytest.\n" +
      "   next: pip install pytest      another: --python PATH\n" +
      "prewarm: warning[two-environments] Two.\n",
  );
  const screen = record({ isScreen: true, hasColor: true });
  printProblem(fault, screen.terminal);
  expect(screen.read()).toBe(
    "prewarm: \x1b[31merror[no-pytest]\x1b[0m .venv/bin/python cannot import pytest.\n" +
      "   next: \x1b[1mpip install pytest\x1b[0m      another: --python PATH\n",
  );
});

test("colours follow the person's wishes", () => {
  expect(wantsColor(true, {})).toBe(true);
  expect(wantsColor(true, { NO_COLOR: "1" })).toBe(false);
  expect(wantsColor(true, { TERM: "dumb" })).toBe(false);
  expect(wantsColor(false, {})).toBe(false);
  expect(wantsColor(false, { FORCE_COLOR: "1" })).toBe(true);
});

test("control bytes in a name become visible", () => {
  expect(printable("a\x1b[2Jb\rc\td")).toBe("a\\x1b[2Jbc\td");
});
