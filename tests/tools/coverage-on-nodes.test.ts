// pytest-cov with workers on nodes: the report is that of plain pytest, and names the files of the working tree.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";
import { runTool } from "../rig/tools.ts";

const python = join(process.env.PREWARM_TEST_TOOLS ?? "", "python");
const SHOP = `def price(count):
    if count > 3:
        return count * 2
    return count


def tax(count):
    for each in range(count):
        if each == 7:
            return each
    return 0


def unused():
    return 1
`;
const TESTS = `import pytest
import shop


@pytest.mark.parametrize("n", range(8))
def test_price(n):
    assert shop.price(n) in (n, 2 * n)


@pytest.mark.parametrize("n", range(3))
def test_tax(n):
    assert shop.tax(n) == 0
`;

test.for([
  ["lines", []],
  ["branches", ["--cov-branch"]],
  ["contexts", ["--cov-context=test"]],
] as const)("%s", async ([, more]) => {
  using project = new Project({
    "pkg/shop.py": SHOP,
    "test_shop.py": TESTS,
    ".coveragerc": "[json]\nshow_contexts = true\n",
  });
  await using prewarm = new Prewarm(project, { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1", PYTHONPATH: "pkg" });
  const args = ["-p", "pytest_cov", "--cov=pkg", "--cov-report=json:cov.json", "--cov-report=term-missing", ...more];
  const report = (): unknown => {
    const { files, totals } = JSON.parse(readFileSync(project.at("cov.json"), "utf8"), (_, value: unknown) =>
      // The contexts of a line come in no order.
      Array.isArray(value) && value.every((each) => typeof each === "string") ? value.toSorted() : value,
    );
    rmSync(project.at("cov.json"));
    return { files, totals };
  };
  const place = { cwd: project.root, env: prewarm.environment({ PYTHONDONTWRITEBYTECODE: "1" }) };
  const plain = await runTool("python", ["-m", "pytest", ...args], place);
  expect(plain.exit, plain.stdout).toBe(0);
  const expected = { report: report(), table: tableOf(plain.stdout) };
  for (const way of ["cold", "warm"]) {
    const words = ["run", "--python", python, "--on", "local:2", "-n", "2", "--", "pytest", ...args];
    const run = await prewarm.command(words).finished;
    expect(run.exit, run.stdout + run.stderr).toBe(0);
    expect({ report: report(), table: tableOf(run.stdout) }, way).toEqual(expected);
  }
});

/** The lines of the table of coverage. */
function tableOf(stdout: string): readonly string[] {
  return stdout.split("\n").filter((line) => /^(?:pkg\/|TOTAL)/.test(line));
}
