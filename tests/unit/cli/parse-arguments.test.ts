import { describe, expect, test } from "vitest";
import { nearestName } from "../../../src/base/nearest-name.ts";
import { parseArguments, shellWords } from "../../../src/cli/parse-arguments.ts";
import { readPytestCommand } from "../../../src/cli/pytest-command.ts";

describe("commands", () => {
  test.each([
    ["run -- pytest tests -x", { name: "run", words: ["pytest", "tests", "-x"], flags: {} }],
    ["run tests -x", { name: "run", words: ["pytest", "tests", "-x"], flags: {} }],
    ["run -x tests", { name: "run", words: ["pytest", "-x", "tests"], flags: {} }],
    ["run", { name: "run", words: ["pytest"], flags: {} }],
    ["-- pytest", { name: "watch", words: ["pytest"], flags: {} }],
    ["--quiet -- pytest -n 4", { name: "watch", words: ["pytest", "-n", "4"], flags: { quiet: true } }],
    ["list -k cart", { name: "list", words: ["pytest", "-k", "cart"], flags: {} }],
    ["run --tb=short tests", { name: "run", words: ["pytest", "--tb=short", "tests"], flags: {} }],
    ["run --co", { name: "run", words: ["pytest", "--co"], flags: {} }],
    ["status --json", { name: "status", flags: { json: true } }],
    ["logs --follow --lines 5", { name: "logs", flags: { follow: true, lines: 5 } }],
    ["restart --ttl 60", { name: "restart", flags: { ttlSeconds: 60 } }],
    ["serve --stdio", { name: "serve", words: ["pytest"], flags: { stdio: true } }],
    ["serve --http -- pytest a", { name: "serve", words: ["pytest", "a"], flags: { httpPort: null } }],
    ["serve --http 0 -- pytest a", { name: "serve", words: ["pytest", "a"], flags: { httpPort: 0 } }],
    ["ui -- pytest a", { name: "ui", words: ["pytest", "a"], flags: {} }],
    [
      "ui --no-open --http 7411 --all",
      { name: "ui", words: ["pytest"], flags: { noOpen: true, httpPort: 7411, all: true } },
    ],
    ["serve --http=8000", { name: "serve", words: ["pytest"], flags: { httpPort: 8000 } }],
    ["bench 5 -n 2 -- pytest a", { name: "bench", count: 5, words: ["pytest", "a"], flags: { workers: "2" } }],
    ["bench", { name: "bench", count: 3, words: ["pytest"], flags: {} }],
    [
      "bisect-order t.py::b --python p -- pytest a",
      { name: "bisect-order", about: "t.py::b", words: ["pytest", "a"], flags: { python: "p" } },
    ],
    ["report --github", { name: "report", words: [], flags: { github: true } }],
    ["run --repeat 9 --until-fail a", { name: "run", words: ["pytest", "a"], flags: { repeat: 9, untilFail: true } }],
    ["run --format subunit a", { name: "run", words: ["pytest", "a"], flags: { format: "subunit" } }],
    [
      "stestr -m stestr.subunit_runner.run discover -t ./ tests --list",
      { name: "stestr", words: ["-m", "stestr.subunit_runner.run", "discover", "-t", "./", "tests", "--list"] },
    ],
    ["", { name: "help", topic: undefined }],
    ["run --help", { name: "help", topic: "run" }],
    ["help list", { name: "help", topic: "list" }],
    ["--version", { name: "version" }],
  ])("%s", (line, expected) => {
    expect(parseArguments(wordsOf(line))).toEqual({ ok: true, value: expected });
  });

  test("flags stand before the first word of pytest, with a value apart or attached", () => {
    const line = "run --python .venv/bin/python --outcomes=out.json -n1 --ttl 1.5 --json tests --json";
    expect(parseArguments(wordsOf(line))).toEqual({
      ok: true,
      value: {
        name: "run",
        words: ["pytest", "tests", "--json"],
        flags: { python: ".venv/bin/python", outcomes: "out.json", ttlSeconds: 1.5, json: true, workers: "1" },
      },
    });
  });
});

describe("what is wrong is said with what to type", () => {
  test.each([
    ["rnu tests", "unknown-command: There is no command `rnu`; did you mean `run`? → prewarm run tests"],
    [
      "pytest tests",
      "unknown-command: Expected `--` before `pytest`. → prewarm -- pytest tests      once only: prewarm run -- pytest tests",
    ],
    [
      "tests/unit",
      "unknown-command: There is no command `tests/unit`; there are run, watch, list, serve, ui, mcp, stestr, status, why, verify, doctor, bench, report, imports, flaky, bisect-order, merge, start, stop, restart, logs, config, init, completion, help, version. → prewarm run -- pytest tests/unit",
    ],
    ["run pytest tests", "usage: Expected `--` before `pytest`. → prewarm run -- pytest tests"],
    [
      "run --outcome x -- pytest",
      "usage: `prewarm run` has no flag `--outcome`; did you mean `--outcomes`? → prewarm run --help",
    ],
    ["run --tty 5 tests", "usage: `prewarm run` has no flag `--tty`; did you mean `--ttl`? → prewarm run --help"],
    ["run --ttl x", "bad-value: Expected `--ttl` to be a positive number of seconds, got `x`. → prewarm run --help"],
    ["run --ttl", "usage: Expected a value after `--ttl`. → prewarm run --help"],
    [
      "run -n many -- pytest",
      "bad-value: Expected `-n` to be a number, `auto` or `logical`, got `many`. → prewarm run --help",
    ],
    [
      "run -n -1 -- pytest",
      "bad-value: Expected `-n` to be a number, `auto` or `logical`, got `-1`. → prewarm run --help",
    ],
    [
      "run --dist some -- pytest",
      "bad-value: Expected `--dist` to be one of load, loadscope, loadfile, loadgroup, worksteal, each, no, got `some`. → prewarm run --help",
    ],
    ["serve", "usage: Expected `--stdio` or `--http [PORT]`. → prewarm serve --help"],
    ["serve --stdio --http", "usage: Expected `--stdio` or `--http [PORT]`. → prewarm serve --help"],
    [
      "serve --http 70000",
      "bad-value: Expected `--http` to be a port from 0 to 65535, got `70000`. → prewarm run --help",
    ],
    ["run --format subunit --json a", "usage: `--format` and `--json` do not go together. → prewarm run --help"],
    ["run --repeat 3 --json a", "usage: `--repeat` and `--json` do not go together. → prewarm run --help"],
    ["run --detailed --no-daemon", "usage: `--detailed` and `--no-daemon` do not go together. → prewarm run --help"],
    ["run --repeat 0", "bad-value: Expected `--repeat` to be a positive number, got `0`. → prewarm run --help"],
    [
      "bench many -- pytest",
      "usage: Expected a number of runs, and a pytest command after `--` where it is not `pytest`. → prewarm bench 3 -- pytest",
    ],
    [
      "bisect-order -- pytest",
      "usage: Expected a test, and a pytest command after `--` where it is not `pytest`. → prewarm bisect-order TEST -- pytest",
    ],
    ["run --format tap", "bad-value: Expected `--format` to be `subunit`, got `tap`. → prewarm run --help"],
    ["run --json=yes", "usage: `--json` takes no value, got `--json=yes`. → prewarm run --help"],
    ["run --", "usage: Expected a pytest command after `--`, got nothing. → prewarm run -- pytest"],
    [
      "run -x -- pytest",
      "usage: `-x` is no flag of prewarm; pytest's own arguments stand after `-- pytest`. → prewarm run --help",
    ],
    ["--quiet", "usage: Expected `--` and a pytest command. → prewarm -- pytest"],
    ["--no-daemon -- pytest", "usage: `--no-daemon` is no flag of `prewarm watch`. → prewarm --help"],
    ["stop now", "usage: `prewarm stop` takes no `now`. → prewarm stop --help"],
  ])("%s", (line, expected) => {
    const parsed = parseArguments(wordsOf(line));
    expect(parsed.ok ? parsed.value : `${parsed.error.code}: ${parsed.error.sentence} → ${parsed.error.next}`).toBe(
      expected,
    );
  });

  test("words are quoted so that a shell reads them back", () => {
    expect(shellWords(["pytest", "-k", "not slow", "it's", ""])).toBe("pytest -k 'not slow' 'it'\\''s' ''");
  });
});

describe("the command after --", () => {
  test.each([
    ["pytest -x", { isModule: false, script: undefined, python: undefined, args: ["-x"] }],
    ["py.test", { isModule: false, script: undefined, python: undefined, args: [] }],
    ["bin/pytest a", { isModule: false, script: "bin/pytest", python: undefined, args: ["a"] }],
    ["python -m pytest a", { isModule: true, script: undefined, python: undefined, args: ["a"] }],
    ["python3 -m pytest", { isModule: true, script: undefined, python: undefined, args: [] }],
    ["python3.12 -m pytest", { isModule: true, script: undefined, python: "python3.12", args: [] }],
    [".venv/bin/python -m pytest", { isModule: true, script: undefined, python: ".venv/bin/python", args: [] }],
  ])("%s", (line, expected) => {
    expect(readPytestCommand(wordsOf(line))).toEqual({ ok: true, value: expected });
  });

  test.each([
    [
      "python script.py",
      "Expected `python -m pytest` after `--`, got `python script.py`. → prewarm run -- python -m pytest",
    ],
    [
      "jest a",
      "Expected `pytest` or `python -m pytest` after `--`, got `jest`: this needs tests of pytest. → prewarm run -- pytest",
    ],
    [
      "uv run pytest -x",
      "Expected `pytest` or `python -m pytest` after `--`, got `uv`: this needs tests of pytest. → prewarm run -- pytest -x      (prewarm finds uv's environment by itself)",
    ],
  ])("refuses %s", (line, expected) => {
    const read = readPytestCommand(wordsOf(line));
    expect(read.ok ? read.value : `${read.error.sentence} → ${read.error.next}`).toBe(expected);
  });
});

test.each([
  ["--outcoms", "--outcomes"],
  ["--quite", "--quiet"],
  ["--tb", undefined],
  ["--durations", undefined],
  ["--no-d", "--no-daemon"],
  ["-x", undefined],
])("the name nearest to %s is %s", (typed, expected) => {
  expect(nearestName(typed, ["--outcomes", "--quiet", "--ttl", "--json", "--python", "--no-daemon"])).toBe(expected);
});

function wordsOf(line: string): readonly string[] {
  return line.split(" ").filter((word) => word !== "");
}
