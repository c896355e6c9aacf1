// What people get wrong: pytest's own words where pytest judges, else one line with a code and what to do next.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Finished } from "../rig/command.ts";
import { interpreter } from "../rig/interpreter.ts";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const FILES = { "test_it.py": "def test_it():\n    pass\n" };

test.for([
  { name: "a path that does not exist", args: ["missing"], exit: 4 },
  { name: "a file that does not exist, behind one that does", args: ["test_it.py", "missing.py"], exit: 4 },
  { name: "a test that does not exist", args: ["test_it.py::test_other"], exit: 4 },
  { name: "an unknown option", args: ["--no-such-option"], exit: 4 },
  { name: "an option without its value", args: ["-k"], exit: 4 },
  { name: "an expression that does not parse", args: ["-k", "and and"], exit: 4 },
  { name: "nothing selected", args: ["-k", "nothing"], exit: 5 },
  // These exit codes, and whether there is a traceback, depend on the version of pytest.
  { name: "a plugin that does not exist", args: ["-p", "no_such_plugin"], exit: expect.any(Number) },
  { name: "a configuration that does not exist", args: ["-c", "no-such.ini"], exit: expect.any(Number) },
] as const)("pytest answers in its own words: $name", async ({ args, exit }) => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  const options = ["-p", "no:cacheprovider"];
  const plain = await prewarm.plain([...options, ...args]);
  expect(plain.exit).toEqual(exit);
  expect(plain.exit).not.toBe(0);
  expect((await prewarm.run(options)).exit).toBe(0);
  const warm = await prewarm.run([...options, ...args]);
  expect(readable(warm)).toEqual(readable(plain));
  await prewarm.command(["stop"]).finished;
  const cold = await prewarm.run([...options, ...args]);
  expect(readable(cold)).toEqual(readable(plain));
});

test("a folder without tests", async () => {
  using project = new Project({ "readme.txt": "" });
  await using prewarm = new Prewarm(project);
  const plain = await prewarm.plain(["-p", "no:cacheprovider"]);
  expect(plain.exit).toBe(5);
  for (const _ of ["cold", "warm"]) {
    expect(readable(await prewarm.run(["-p", "no:cacheprovider"]))).toEqual(readable(plain));
  }
  project.write("test_it.py", FILES["test_it.py"]);
  expect(await prewarm.run()).toMatchObject({ exit: 0, outcomes: { "test_it.py::test_it": "passed" } });
});

test("a configuration that does not parse, and then does", async () => {
  using project = new Project({ ...FILES, "pytest.ini": "[pytest]\nunknown line\n" });
  await using prewarm = new Prewarm(project);
  const plain = await prewarm.plain();
  expect(plain.exit).not.toBe(0);
  expect(readable(await prewarm.run())).toEqual(readable(plain));
  project.write("pytest.ini", "[pytest]\n");
  expect(await prewarm.run()).toMatchObject({ exit: 0 });
});

test("an interpreter without pytest", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  execFileSync(interpreter, ["-m", "venv", "--without-pip", project.at(".venv")]);
  const { exit, stdout, stderr } = await prewarm.command(["run", "--", "pytest"]).finished;
  expect(exit).toBe(69);
  expect(stdout).toBe("");
  expect(stderr).toMatch(
    /^prewarm: error\[no-pytest\] \.venv\/bin\/python \(Python 3\.\d+\.\d+\) cannot import pytest\.\n/,
  );
  expect(stderr).toMatch(/\n {3}next: .*pip install .*pytest/);
  expect(stderr.trimEnd().split("\n")).toHaveLength(2);
});

test("pytest goes away while the daemon lives", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  execFileSync(interpreter, ["-m", "venv", "--without-pip", project.at(".venv")]);
  // The file that says so passes for an installed pytest, and cannot be imported.
  const packages = execFileSync(
    project.at(".venv/bin/python"),
    ["-c", "import site; print(site.getsitepackages()[0])"],
    {
      encoding: "utf8",
    },
  ).trim();
  mkdirSync(join(packages, "pytest"));
  writeFileSync(join(packages, "pytest/__init__.py"), "import no_such_module\n");
  const { exit, stderr } = await prewarm.command(["run", "--", "pytest"]).finished;
  expect(exit).toBe(69);
  expect(stderr).toMatch(/^prewarm: error\[no-pytest\] .*cannot import pytest \(No module named 'no_such_module'\)/);
});

test("an interpreter that does not exist", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  const { exit, stderr } = await prewarm.command(["run", "--python", "no/such/python", "--", "pytest"]).finished;
  expect(exit).toBe(69);
  expect(stderr).toMatch(/^prewarm: error\[no-python\] .*no\/such\/python/);
  expect(stderr).toContain("next: ");
});

test("an interpreter that is none", async () => {
  using project = new Project({ ...FILES, python: "#!/bin/sh\nexit 3\n" });
  await using prewarm = new Prewarm(project);
  chmodSync(project.at("python"), 0o755);
  const { exit, stderr } = await prewarm.command(["run", "--python", "./python", "--", "pytest"]).finished;
  expect(exit).toBe(69);
  expect(stderr).toMatch(/^prewarm: error\[no-python\] .*python .*exit code 3/);
  expect(stderr).toContain("next: ");
});

test("an interpreter that is a link to nothing", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  mkdirSync(project.at(".venv/bin"), { recursive: true });
  symlinkSync("/no/such/python", project.at(".venv/bin/python"));
  writeFileSync(project.at(".venv/pyvenv.cfg"), "home = /no/such\n");
  const { exit, stderr } = await prewarm.command(["run", "--python", ".venv/bin/python", "--", "pytest"]).finished;
  expect(exit).toBe(69);
  expect(stderr).toMatch(/^prewarm: error\[no-python\] /);
});

test.for([
  { words: ["run", "--no-such-flag", "--", "pytest"], code: "usage", hint: "--no-such-flag" },
  { words: ["run", "--ttl", "soon", "--", "pytest"], code: "bad-value", hint: "soon" },
  { words: ["run", "--outcom", "file", "--", "pytest"], code: "usage", hint: "--outcomes" },
  { words: ["stats"], code: "unknown-command", hint: "status" },
  { words: ["run", "--", "sh", "test"], code: "not-supported", hint: "sh" },
] as const)("an unknown word of the command line: $words", async ({ words, code, hint }) => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  const { exit, stdout, stderr } = await prewarm.command(words).finished;
  expect(exit).toBe(code === "not-supported" ? 69 : 64);
  expect(stdout).toBe("");
  expect(stderr).toMatch(new RegExp(`^prewarm: error\\[${code}\\] `));
  expect(stderr).toContain(hint);
  expect(stderr).toContain("next: ");
});

test("an outcomes file that cannot be written", async () => {
  using project = new Project(FILES);
  await using prewarm = new Prewarm(project);
  const words = ["run", "--python", interpreter, "--outcomes", "no/such/folder/file.json", "--", "pytest"];
  const { exit, stderr } = await prewarm.command(words).finished;
  expect(exit).toBe(73);
  expect(stderr).toMatch(/^prewarm: error\[outcomes-file\] /);
});

test("a working directory that has been removed", async () => {
  using project = new Project({ ...FILES, "sub/empty.txt": "" });
  await using prewarm = new Prewarm(project);
  const script = 'cd sub && rm -r "$PWD" && exec "$@"';
  const { exit, stderr } = await prewarm.shell(script, ["run", "--python", interpreter, "--", "pytest"]).finished;
  expect(exit).toBe(66);
  expect(stderr).toMatch(/^prewarm: error\[path-missing\] The working directory /);
});

/** What a person reads; times and the launcher's own frame at the head of a traceback are left out. */
function readable({ exit, stdout, stderr }: Finished) {
  return {
    exit,
    stdout: stdout.replace(/in \d+\.\d+s/g, "in N s"),
    stderr: stderr.replace(/ {2}File "[^"]*\/pytest", line \d+, in <module>\n.*\n(?: +[~^]+\n)?/g, ""),
  };
}
