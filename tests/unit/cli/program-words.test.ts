import { describe, expect, test } from "vitest";
import { readPythonWords } from "../../../src/cli/program-words.ts";

describe("the words behind `python` are read as Python reads them", () => {
  test.each([
    ["a.py -m b", [], "script", "a.py", ["-m", "b"]],
    ["-u -Wd a.py", ["-u", "-Wd"], "script", "a.py", []],
    ["-W error a.py -u", ["-W", "error"], "script", "a.py", ["-u"]],
    ["-bbX dev -m shop.serve --port 1", ["-bbX", "dev"], "module", "shop.serve", ["--port", "1"]],
    ["-um shop", ["-u"], "module", "shop", []],
    ["-mshop a", [], "module", "shop", ["a"]],
    ["-c pass -c", [], "code", "pass", ["-c"]],
    ["--check-hash-based-pycs always a.py", ["--check-hash-based-pycs", "always"], "script", "a.py", []],
  ] as const)("%s", (line, flags, command, script, args) => {
    expect(readPythonWords(line.split(" "))).toEqual({ ok: true, value: { flags, command, script, args } });
  });

  test.each([
    ["", "Python without a program"],
    ["-", "Python without a program"],
    ["-u -m", "Python without a program"],
    ["-i a.py", "Python's `-i`"],
    ["-V", "Python's `-V`"],
    ["--version", "Python's `--version`"],
  ])("refuses `%s`", (line, what) => {
    const read = readPythonWords(line === "" ? [] : line.split(" "));
    expect(read.ok ? read.value : read.error.sentence).toBe(
      `Expected a script, \`-m MODULE\` or \`-c CODE\` for Python to run: ${what} is not served.`,
    );
  });
});
