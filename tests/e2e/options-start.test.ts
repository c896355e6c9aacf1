// Options that act before or while pytest collects: another timeline, or plain pytest, and the same result.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { hasModule } from "../rig/interpreter.ts";
import { ColdAndWarm, comparable } from "../rig/same-as-cold.ts";
import { VARIED } from "./varied-project.ts";

const STARTING = [
  "",
  "--ignore tests/sub -q",
  "-p no:cacheprovider",
  "-p no:terminal",
  "--strict-markers -W error",
  "-o xfail_strict=true --import-mode=importlib -q",
  "--rootdir=tests -q",
  "-c pytest.ini --shout",
  "--setup-only",
  "--runxfail --assert=plain -q",
  "--noconftest tests/sub",
  "--capture=sys -q",
];
const ANSWERING = [
  "--help",
  "--version",
  "--markers",
  "--fixtures -q",
  "--no-such-option",
  "nothing_there.py",
  "tests/test_a.py::nothing_there",
  "--capture=tee-sys -q",
  "--log-cli-level=INFO",
  "-k (",
];

test.for([
  ["starting", STARTING],
  ["answering", ANSWERING],
] as const)("%s", async ([, lines]) => {
  await using twins = new ColdAndWarm(VARIED);
  for (const line of lines) await twins.same(line);
  await twins.same();
  await twins.same();
  expect(await twins.way()).toBe("warm");
});

test("options of a conftest that is loaded while collecting keep no run from being warm", async () => {
  await using twins = new ColdAndWarm({
    "shop/conftest.py": `
def pytest_addoption(parser):
    parser.addoption("--backend", default=None)
    parser.addoption("--loud", action="store_true")
`,
    "shop/test_options.py": `
def test_options(request):
    assert request.config.getoption("--backend") is None
    assert request.config.getoption("--loud") is False
`,
  });
  for (const line of ["", "-q", "--backend x", "shop --backend x"]) await twins.same(line);
  await twins.same();
  expect(await twins.way()).toBe("warm");
});

test("a report in junit's format, written by each run", async () => {
  await using twins = new ColdAndWarm(VARIED);
  for (const line of [
    "--junitxml=report.xml",
    "--junitxml=report.xml -k one",
    "-o junit_family=xunit1 --junitxml=report.xml",
  ]) {
    const report = () =>
      comparable(readFileSync(twins.project.at("report.xml"), "utf8")).replaceAll(
        /(time|timestamp|hostname)="[^"]*"/g,
        "",
      );
    await twins.prewarm.plain(line.split(" "));
    const cold = report();
    twins.project.remove("report.xml");
    await twins.prewarm.run(line.split(" "));
    expect(report()).toBe(cold);
  }
});

test("python -m pytest puts the working directory on the path", async () => {
  await using twins = new ColdAndWarm({
    "lib/helper.py": "X = 1\n",
    "tests/test_path.py":
      "import sys\n\n\ndef test_path():\n    from lib import helper\n\n    print(sys.path, sys.argv)\n",
  });
  const run = (words: readonly string[]) => twins.prewarm.command(["run", "--", ...words]).finished;
  for (let round = 0; round < 2; round += 1) {
    expect((await run(["python", "-m", "pytest"])).exit).toBe(0);
    expect((await run(["pytest"])).exit).toBe(1);
  }
});

test("what pytest-xdist is asked to do is done in workers of ours, with the same outcomes", async ({ skip }) => {
  if (!hasModule("xdist")) skip("pytest-xdist is not installed");
  await using twins = new ColdAndWarm(VARIED, { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "" });
  const { exit, outcomes } = await twins.prewarm.run(["-n", "2"]);
  expect(exit).toBe(1);
  expect(await twins.way()).toBe("cold");
  expect(await twins.prewarm.run([])).toMatchObject({ exit, outcomes });
});
