// PyCharm's way to start pytest: a script of its own that gives pytest.main a plugin object, and service messages as output.
import { expect, test } from "vitest";
import { Command, type Finished } from "../rig/command.ts";
import { hasModule, interpreter } from "../rig/interpreter.ts";
import { PluginShop, SHOP } from "../rig/plugin-shop.ts";

// The script belongs to the editor. This one takes the same words, and calls pytest in the same way.
const RUNNER = `
import argparse
import sys

import pytest

parser = argparse.ArgumentParser()
parser.add_argument("--target", action="append")
targets, rest = parser.parse_known_args()
sys.argv[1:] = [*rest, *targets.target]
args = [*sys.argv[1:], "--no-header", "--no-summary", "-q"]
print("Launching pytest with arguments", *args, flush=True)


class Plugin:
    suites = []

    @staticmethod
    def pytest_configure(config):
        print("##teamcity[enteredTheMatrix]", flush=True)

    @staticmethod
    def pytest_runtest_logreport(report):
        if report.when == "call":
            suite = report.nodeid.split("::")[0]
            if suite not in Plugin.suites:
                Plugin.suites.append(suite)
                print(f"\\n##teamcity[testSuiteStarted name='{suite}']", flush=True)
            name = "testFailed" if report.failed else "testFinished"
            print(f"\\n##teamcity[{name} name='{report.nodeid}']", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(pytest.main(args, [Plugin]))
    finally:
        # Suites that are still open are closed here.
        for name in Plugin.suites:
            print(f"##teamcity[testSuiteFinished name='{name}']", flush=True)
`;

async function runWith(shop: PluginShop, words: readonly string[], env: Readonly<Record<string, string>>) {
  const place = { cwd: shop.project.root, env: shop.prewarm.environment({ PYCHARM_HOSTED: "1", ...env }) };
  const runner = shop.project.at(".helpers/_jb_pytest_runner.py");
  return new Command([interpreter, runner, "-p", "no:cacheprovider", ...words], place).finished;
}

function told({ exit, stdout, stderr }: Finished): object {
  const lines = stdout
    .replace(/(timestamp|duration|flowId)='[^']*'/g, "$1='…'")
    .replace(/\d+\.\d+s/g, "…s")
    .replace(/(None|1)(?= False False)/g, "…");
  return { exit, stderr, lines: lines.split("\n") };
}

test("run after run: the script's plugin works in warm processes, its own words are shown once", async () => {
  await using shop = new PluginShop({ ...SHOP, ".helpers/_jb_pytest_runner.py": RUNNER });
  const one = ["--target", "tests/test_price.py::test_one"];
  const all = ["--target", "tests/test_price.py"];
  for (const [words, way] of [
    [all, "cold"],
    [one, "warm"],
    [["-x", ...all], "warm"],
  ] as const) {
    const plain = await runWith(shop, words, {});
    const warm = await runWith(shop, words, { PREWARM: "1" });
    expect(told(warm)).toEqual(told(plain));
    expect(warm.stdout.match(/Launching pytest/g)).toHaveLength(1);
    expect(warm.stdout.match(/enteredTheMatrix/g)).toHaveLength(1);
    expect(warm.stdout.match(/testSuiteFinished/g)).toHaveLength(1);
    const { lastRecord } = await shop.prewarm.status();
    expect(lastRecord?.way, lastRecord?.reason).toBe(way);
  }
});

test("what plain pytest serves comes from the script too", async () => {
  await using shop = new PluginShop({ ...SHOP, ".helpers/_jb_pytest_runner.py": RUNNER });
  const words = ["--target", "tests/test_price.py", "--log-file", "/dev/null"];
  const plain = await runWith(shop, words, {});
  expect(told(await runWith(shop, words, { PREWARM: "1" }))).toEqual(told(plain));
  expect((await shop.prewarm.status()).lastRecord?.way).toBe("plain");
});

test("the plugin of teamcity-messages, which PyCharm's is made of", async ({ skip }) => {
  if (!hasModule("teamcity")) skip("teamcity-messages is not installed");
  await using shop = new PluginShop({ ...SHOP, ".helpers/_jb_pytest_runner.py": RUNNER });
  const words = ["--teamcity", "--target", "tests/test_price.py"];
  for (const way of ["cold", "warm"]) {
    const plain = await runWith(shop, words, {});
    expect(plain.stdout).toContain("##teamcity[testStarted");
    expect(told(await runWith(shop, words, { PREWARM: "1" }))).toEqual(told(plain));
    expect((await shop.prewarm.status()).lastRecord?.way).toBe(way);
  }
});
