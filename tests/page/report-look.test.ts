// The file of `prewarm report --html`, as a browser shows it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { reportHtml } from "../../src/insight/report-html.ts";
import type { NodeId } from "../../src/protocol/ids.ts";
import type { PastRunFacts } from "../../src/protocol/past.ts";
import { OpenPage } from "../rig/browser.ts";
import { cost } from "../unit/insight/costs.ts";

const LONG = `tests/middleware/test_${"base_".repeat(20)}.py::test_${"long_".repeat(20)}[asyncio-True]` as NodeId;

function run(id: number): PastRunFacts {
  const counts = { failed: 6, passed: 1408, xfailed: 2 };
  const args = ["-q", "tests", "--deselect", LONG];
  return { id, atMs: id, args, way: "warm", exit: 1, durationMs: 1000 + id, coldMs: 3000, counts };
}

test("nothing of a report is wider than the window, but what is moved sideways by itself", async () => {
  const folder = mkdtempSync(join(tmpdir(), "prewarm-report-"));
  try {
    const file = join(folder, "report.html");
    const failure = { id: LONG, outcome: "failed", run: "r1", atMs: 0, text: "E   assert 1 == 2" } as const;
    const html = reportHtml({
      ...{ project: "shop", atMs: 0 },
      past: {
        runs: [run(2), run(1)],
        unsteady: [],
        slowest: [{ id: LONG, usualMs: 1500 }],
        failures: Array.from({ length: 5 }, () => failure),
      },
      run: {
        ...{ command: "pytest tests", cores: 2 },
        record: {
          ...{ exit: 1, way: "warm", reason: "", durationMs: 100, firstTestMs: 1, tests: 1, modules: 4, coldMs: null },
          unfinished: 0,
        },
        tests: [cost(LONG, 0, 30)],
      },
    });
    writeFileSync(file, html);
    await using opened = await OpenPage.open(`file://${file}`);
    const { page, faults } = opened;
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      // A picture that is as narrow as a telephone shows nothing.
      expect(await page.evaluate("document.querySelector('svg').getBoundingClientRect().width")).toBeGreaterThan(600);
    }
    expect(await page.evaluate("document.querySelectorAll('details[open]').length")).toBe(3);
    expect(faults).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
