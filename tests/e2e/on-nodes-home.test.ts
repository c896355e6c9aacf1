// What a run on nodes leaves at home: the same as a run of this machine.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const BARE = { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" };
const ON_TWO = { flags: ["--on", "local:2"] };

const TESTS = `import prewarm
import pytest


@prewarm.fixture(scope="run")
def server():
    prewarm.attach("server log", "started")
    return "there"


@pytest.mark.parametrize("number", range(6))
def test_number(number, server, record_property):
    record_property("number", number)
    prewarm.attach("request", f"GET /{number}")
    assert number != 4
`;

test("attachments, properties in a JUnit file, and the cache for --lf", async () => {
  using project = new Project({ "test_it.py": TESTS });
  await using prewarm = new Prewarm(project, BARE);
  const args = ["--junitxml=junit.xml"];
  const testcases = () =>
    [
      ...readFileSync(project.at("junit.xml"), "utf8").matchAll(
        /<testcase classname="(\S+)" name="(\S+)" time="[\d.]+">(?:<properties>(.*?)<\/properties>)?/gs,
      ),
    ]
      .map(([, file, name, properties]) => [file, name, properties])
      .toSorted();
  const here = await prewarm.run(args);
  const expected = testcases();
  expect(expected).toHaveLength(6);
  for (const way of ["cold", "warm"]) {
    const run = await prewarm.run(args, ON_TWO);
    expect(run.exit, way).toBe(here.exit);
    expect(testcases(), way).toEqual(expected);
    expect(run.stdout, way).toMatch(/^-+ Attached request -+$\n^GET \/4$/m);
    expect(run.stdout, way).toMatch(/^-+ Attached server log -+$\n^started$/m);
    expect(run.stdout, way).not.toContain("GET /3");
  }
  const again = await prewarm.run(["--lf"], ON_TWO);
  expect(again.outcomes).toEqual({ "test_it.py::test_number[4]": "failed" });
});
