// Tests and modules that end their process: the exit code is plain pytest's, and the next run is right.
import { expect, test } from "vitest";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const SEGFAULT = "ctypes.string_at(0)";
const MENDED = "def test_one():\n    pass\n\n\ndef test_two():\n    pass\n";
const GREEN = { exit: 0, outcomes: { "test_it.py::test_one": "passed", "test_it.py::test_two": "passed" } };

test.for([
  ["os._exit(3)", 3, "The process ended itself with exit code 3"],
  ["os.abort()", 134, "SIGABRT"],
  [SEGFAULT, 139, "SIGSEGV"],
  ["os.kill(os.getpid(), signal.SIGTERM)", 143, "SIGTERM"],
] as const)("a test that ends its process has failed: %s", async ([statement, exit, how]) => {
  using project = new Project({ "test_it.py": testThat(statement) });
  await using prewarm = new Prewarm(project);
  const plain = await prewarm.plain();
  for (const way of ["cold", "warm"]) {
    const run = await prewarm.run();
    expect(run.exit, way).toBe(exit);
    expect(run.exit, way).toBe(shellExit(plain));
    expect(run.outcomes, way).toEqual({ "test_it.py::test_one": "passed", "test_it.py::test_two": "failed" });
    expect(run.stderr, way).toContain(`error[worker-died] ${how} while test_it.py::test_two ran; that test failed.`);
  }
  project.write("test_it.py", MENDED);
  expect(await prewarm.run()).toMatchObject(GREEN);
});

test("among many quick tests the one that ended the process has failed, and no other", async () => {
  const numbers = Array.from({ length: 60 }, (_, index) => index);
  const tests = numbers.map((number) => `def test_${number}():\n    ${number === 30 ? "os._exit(3)" : "pass"}\n`);
  using project = new Project({ "test_it.py": `import os\n\n\n${tests.join("\n\n")}` });
  await using prewarm = new Prewarm(project);
  for (const way of ["cold", "warm"]) {
    const run = await prewarm.run();
    expect(run.exit, way).toBe(3);
    expect(run.stderr, way).toContain("while test_it.py::test_30 ran; that test failed.");
    const before = numbers.slice(0, 30).map((number) => [`test_it.py::test_${number}`, "passed"]);
    expect(run.outcomes, way).toEqual({ ...Object.fromEntries(before), "test_it.py::test_30": "failed" });
    expect(run.stdout, way).toMatch(/^test_it\.py \.{30}$/m);
  }
});

test.for(["sys.exit(2)", "raise KeyboardInterrupt", "pytest.exit('enough', returncode=9)"] as const)(
  "a test that ends the session does what it does in plain pytest: %s",
  async (statement) => {
    using project = new Project({ "test_it.py": testThat(statement) });
    await using prewarm = new Prewarm(project);
    const plain = await prewarm.plain(["-p", "no:cacheprovider"]);
    for (const way of ["cold", "warm"]) {
      const run = await prewarm.run(["-p", "no:cacheprovider"]);
      expect(run.exit, way).toBe(plain.exit);
      expect(withoutTimes(run.stdout), way).toBe(withoutTimes(plain.stdout));
      expect(run.outcomes?.["test_it.py::test_one"], way).toBe("passed");
      expect(run.outcomes?.["test_it.py::test_two"], way).not.toBe("passed");
    }
    project.write("test_it.py", MENDED);
    expect(await prewarm.run()).toMatchObject(GREEN);
  },
);

test.for([
  ["sys.exit(2)", "module"],
  ["os._exit(3)", "module"],
  ["os._exit(0)", "module"],
  [SEGFAULT, "module"],
  ["raise KeyboardInterrupt", "module"],
  ["sys.exit(2)", "conftest"],
  ["os._exit(3)", "conftest"],
  [SEGFAULT, "conftest"],
  ["raise KeyboardInterrupt", "conftest"],
] as const)("an import that ends its process ends like plain pytest: %s in a %s", async ([statement, kind]) => {
  const imports = "import ctypes, os, sys\n\n\n";
  const file = kind === "module" ? "helper.py" : "conftest.py";
  const tests = kind === "module" ? `import helper\n\n\n${MENDED}` : MENDED;
  using project = new Project({ [file]: imports, "test_it.py": tests });
  await using prewarm = new Prewarm(project);
  // Warm first: the crash then comes in a process that was resumed. And again with nothing to resume.
  expect(await prewarm.run()).toMatchObject(GREEN);
  project.write(file, `${imports}${statement}\n`);
  const plain = await prewarm.plain(["-p", "no:cacheprovider"]);
  for (const way of ["resumed", "again", "cold"]) {
    if (way === "cold") await prewarm.command(["stop"]).finished;
    const run = await prewarm.run(["-p", "no:cacheprovider"]);
    // An exit code of zero without a verdict would be a false green.
    expect(run.exit, way).toBe(shellExit(plain) === 0 ? 1 : shellExit(plain));
    expect(Object.values(run.outcomes ?? {}), way).not.toContain("passed");
  }
  project.write(file, imports);
  expect(await prewarm.run()).toMatchObject(GREEN);
});

function testThat(statement: string): string {
  return `import ctypes, os, signal, sys\n\nimport pytest\n\n\ndef test_one():\n    pass\n\n\ndef test_two():\n    ${statement}\n`;
}

function shellExit({ exit, signal }: { readonly exit: number | null; readonly signal: string | null }): number | null {
  const numbers: Readonly<Record<string, number>> = { SIGABRT: 134, SIGSEGV: 139, SIGTERM: 143, SIGINT: 130 };
  return signal === null ? exit : (numbers[signal] ?? null);
}

function withoutTimes(text: string): string {
  return text.replace(/in \d+\.\d+s/g, "in N s");
}
