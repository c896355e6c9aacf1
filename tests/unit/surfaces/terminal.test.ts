import { expect, test } from "vitest";
import { problem } from "../../../src/protocol/errors.ts";
import { printProblem, printWarning } from "../../../src/surfaces/terminal/print-problem.ts";
import { printable, type Terminal, wantsColor } from "../../../src/surfaces/terminal/terminal.ts";
import { printEdit, printVerdict } from "../../../src/surfaces/terminal/watch-lines.ts";

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

const verdict = { kind: "pass", words: "all 600 ran: 596 passed, 4 skipped", served: "warm" } as const;

test("a pipe gets one fact a line, and no escape byte", () => {
  const pipe = record({ isScreen: false, hasColor: false });
  printEdit([{ path: "src/shop/db.py", kind: "modified" }], new Date(2024, 1, 1, 14, 3, 7), pipe.terminal, 80);
  printVerdict(verdict, "38 ms", pipe.terminal, 80);
  expect(pipe.read()).toBe(
    "prewarm: edit 14:03:07 src/shop/db.py: modified\n" +
      "prewarm: pass all 600 ran: 596 passed, 4 skipped, warm, 38 ms\n",
  );
});

test.each([200, 100, 60, 40])("on a screen of %d columns no line is wider, and the clock is whole", (columns) => {
  const screen = record({ isScreen: true, hasColor: false });
  const files = [
    { path: "src/shop/a/very/long/path/of/a/module/somewhere.py", kind: "modified" },
    { path: "b.py", kind: "created" },
  ] as const;
  printEdit(files, new Date(2024, 1, 1, 14, 3, 7), screen.terminal, columns);
  printVerdict(
    { ...verdict, served: "resumed: src/shop/a/very/long/path.py has changed" },
    "38 ms",
    screen.terminal,
    columns,
  );
  const lines = screen.read().trimEnd().split("\n");
  expect(lines.filter((line) => line.length > Math.min(columns, 100))).toEqual([]);
  expect(lines[0]).toMatch(/ {2}14:03:07$/);
  expect(lines[1]).toMatch(/^ ✓ .* {2}38 ms$/);
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
