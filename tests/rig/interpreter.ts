import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The absolute path of the Python that the tests use; it can import pytest. */
export const interpreter: string = execFileSync(
  process.env.PREWARM_TEST_INTERPRETER ?? "python3",
  ["-c", "import sys; print(sys.executable)"],
  { encoding: "utf8" },
).trim();

/** Whether the interpreter of the tests has a module. */
export function hasModule(name: string): boolean {
  return spawnSync(interpreter, ["-c", `import ${name}`]).status === 0;
}

const script = join(dirname(interpreter), "pytest");

/** The words that start a plain pytest: its console script where there is one. */
export const plainPytest: readonly string[] = existsSync(script)
  ? [interpreter, script]
  : [interpreter, "-m", "pytest"];
