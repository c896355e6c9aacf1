// A plugin that is configured last of all may put a reporter of its own in the place of pytest's: then plain pytest serves the run.
import { expect, test } from "vitest";
import { Prewarm } from "../rig/prewarm.ts";
import { Project } from "../rig/project.ts";

const PLUGIN = `
import pytest
from _pytest.terminal import TerminalReporter


class Short(TerminalReporter):
    def __init__(self, reporter):
        super().__init__(reporter.config)
        self._tw = reporter._tw

    def pytest_sessionstart(self, session):
        self._tw.line("short reports")


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    standard = config.pluginmanager.getplugin("terminalreporter")
    config.pluginmanager.unregister(standard)
    config.pluginmanager.register(Short(standard), "terminalreporter")
`;

test("its output and exit code are those of a cold run, and the reason is told", async () => {
  using project = new Project({
    "late.py": PLUGIN,
    "test_a.py": "def test_passes():\n    pass\n\n\ndef test_fails():\n    assert 0\n",
  });
  await using prewarm = new Prewarm(project, { PYTHONPATH: "." });
  const args = ["-p", "late", "-p", "no:cacheprovider"];
  const cold = await prewarm.plain(args);
  const shown = (text: string): string => text.replaceAll(/in \d+\.\d+s/g, "in N s");
  expect([cold.exit, cold.stdout]).toEqual([1, expect.stringContaining("short reports")]);
  for (const run of [await prewarm.run(args), await prewarm.run(args)])
    expect([run.exit, shown(run.stdout)]).toEqual([1, shown(cold.stdout)]);
  expect((await prewarm.status()).lastRecord).toMatchObject({
    way: "plain",
    reason: "late replaces pytest's terminal reporter",
  });
});
