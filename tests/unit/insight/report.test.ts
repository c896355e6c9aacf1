import { describe, expect, test } from "vitest";
import { gatherRepeats } from "../../../src/insight/gather-repeats.ts";
import { keepLedger } from "../../../src/insight/ledger.ts";
import { ledgerInWords, type ReportFacts } from "../../../src/insight/report-facts.ts";
import { reportGithub } from "../../../src/insight/report-github.ts";
import { reportHtml } from "../../../src/insight/report-html.ts";
import { reportMarkdown } from "../../../src/insight/report-markdown.ts";
import type { LastFailure } from "../../../src/protocol/door.ts";
import type { NodeId } from "../../../src/protocol/ids.ts";
import type { PastRunFacts } from "../../../src/protocol/past.ts";
import { cost } from "./costs.ts";

const DAY_MS = 86_400_000;

function run(
  way: PastRunFacts["way"],
  durationMs: number,
  coldMs: number | null,
  over: Partial<PastRunFacts> = {},
): PastRunFacts {
  return { id: 1, atMs: 0, args: ["tests"], way, exit: 0, durationMs, coldMs, counts: { passed: 3 }, ...over };
}

const FAILURE: LastFailure = {
  ...{ id: "tests/test_a.py::test_<x>", outcome: "failed", run: "r1", atMs: 0 },
  text: "    def test_x():\n>       assert 100% == ```1```\nE       assert 1 == 2\n\ntests/test_a.py:88: AssertionError",
};

const FACTS: ReportFacts = {
  ...{ project: "shop", atMs: 0 },
  past: {
    runs: [run("warm", 100, 1100, { id: 2, exit: 1, counts: { failed: 1, passed: 2 } }), run("cold", 1100, null)],
    unsteady: [],
    slowest: [{ id: "tests/test_a.py::test_slow" as NodeId, usualMs: 1500 }],
    failures: [FAILURE],
  },
};

test("repeats of one command are gathered, and no others", () => {
  const repeat = (id: number, counts: PastRunFacts["counts"]) => run("warm", 12.5, null, { id, counts });
  const runs = [
    run("warm", 100, null, { id: 5 }),
    repeat(4, { failed: 1 }),
    repeat(3, { passed: 1 }),
    repeat(2, { passed: 1 }),
    run("warm", 12.5, null, { id: 1, args: ["other"] }),
  ];
  expect(gatherRepeats(runs).map(({ id, firstId, repeats, counts }) => [id, firstId, repeats, counts])).toEqual([
    [5, 5, 1, { passed: 3 }],
    [4, 2, 3, { failed: 1, passed: 2 }],
    [1, 1, 1, { passed: 3 }],
  ]);
  const html = reportHtml({ ...FACTS, past: { ...FACTS.past, runs } });
  expect(html).toContain("<h2>The last 5 runs</h2>");
  expect(html).toContain('<td class="number">2–4</td><td>warm</td><td class="number">13 ms each</td>');
});

describe("the ledger", () => {
  test("adds up what warm runs did not take of what cold ones take, by day", () => {
    const runs = [
      run("warm", 100, 1000, { atMs: DAY_MS }),
      run("resumed", 400, 1000, { atMs: DAY_MS }),
      run("patched", 50, 1000),
      run("cold", 1000, 1000),
      run("plain", 900, 1000),
      run("warm", 100, null),
      run("warm", 100, 1000, { exit: null }),
    ];
    const found = keepLedger(runs, (atMs) => `day ${atMs / DAY_MS}`);
    expect(found).toEqual({
      ...{ runs: 3, tookMs: 550, coldMs: 3000, savedMs: 2450 },
      days: [
        { day: "day 1", runs: 2, savedMs: 1500 },
        { day: "day 0", runs: 1, savedMs: 950 },
      ],
    });
    expect(ledgerInWords(found)).toBe(
      "3 runs took 0.55 s where cold runs of the same arguments take 3.00 s: 2.45 s not spent",
    );
  });

  test("a run that took longer than a cold one counts against it", () => {
    const found = keepLedger([run("resumed", 1500, 1000), run("warm", 900, 1000)]);
    expect(found.savedMs).toBe(-400);
    expect(ledgerInWords(found)).toMatch(/: 0\.40 s lost$/);
    expect(ledgerInWords(keepLedger([]))).toMatch(/^nothing yet/);
  });
});

test("Markdown holds a failure as it is, however many ticks it has", () => {
  const text = reportMarkdown(FACTS);
  expect(text).toMatch(/^## ✗ shop: 1 failing · last run 1 failed, 2 passed\n\n`pytest tests` · warm · 0\.10 s\n/);
  expect(text).toContain("<details><summary>tests/test_a.py::test_&lt;x></summary>\n\n````text\n");
  expect(text).toContain("| 1.50 s | tests/test_a.py::test_slow |");
  expect(text).toContain("1 run took 0.10 s where cold runs of the same arguments take 1.10 s: 1.00 s not spent");
});

test("GitHub gets the line of each failure, escaped as its commands want it", () => {
  expect(reportGithub([FAILURE])).toEqual([
    "::error file=tests/test_a.py,line=88,title=tests/test_a.py%3A%3Atest_<x>::def test_x():%0A>       assert 100%25 == ```1```%0AE       assert 1 == 2%0A%0Atests/test_a.py:88: AssertionError",
  ]);
  expect(reportGithub([{ ...FAILURE, text: "" }])).toEqual([
    "::error file=tests/test_a.py,title=tests/test_a.py%3A%3Atest_<x>::",
  ]);
});

test("a failure of an earlier run is no success of a later one", () => {
  const [last] = FACTS.past.runs;
  const runs = last === undefined ? [] : [{ ...last, exit: 0, counts: { passed: 2 } }];
  expect(reportMarkdown({ ...FACTS, past: { ...FACTS.past, runs } })).toMatch(
    /^## ✗ shop: 1 failing · last run 2 passed\n/,
  );
  const none = { ...FACTS.past, runs, failures: [] };
  expect(reportMarkdown({ ...FACTS, past: none })).toMatch(/^## ✓ shop: last run 2 passed\n/);
});

describe("the HTML file", () => {
  const html = reportHtml({
    ...FACTS,
    run: {
      ...{ command: "pytest tests", cores: 2 },
      record: {
        ...{ exit: 1, way: "warm", reason: "", durationMs: 100, firstTestMs: 1, tests: 2, modules: 4, coldMs: null },
        unfinished: 0,
      },
      tests: [cost("a", 0, 30, 30, { worker: "gw0" }), cost("b", 5, 40, 40, { worker: "gw1" })],
    },
  });

  test("needs nothing else, and runs nothing", () => {
    expect(html).not.toMatch(/<script|<link|<img|@import|url\(|src=|href=/);
  });

  test("has the failures, the workers, the runs, slow tests and the ledger", () => {
    expect([...html.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, title]) => title)).toEqual([
      "1 failure",
      "Where the time went",
      "The last 2 runs",
      "Slowest tests",
      "What prewarm saved",
    ]);
    expect(html).toContain('<h1 class="bad">✗ shop: 1 failing · last run 1 failed, 2 passed</h1>');
    expect(html).toContain("test_&lt;x&gt;");
    expect(html).toContain("<title>b: 40 ms</title>");
    expect(html.match(/<rect class="call"/g)).toHaveLength(2);
  });

  test("of nothing says so", () => {
    const none = reportHtml({ ...FACTS, past: { runs: [], unsteady: [], slowest: [], failures: [] } });
    expect(none).toContain(">shop: no run is known</h1>");
  });
});
