import { formatCount } from "../report/format-count.ts";
import { formatTime } from "../report/format-time.ts";
import { describeEfficiency } from "./describe-efficiency.ts";
import { reckonEfficiency } from "./efficiency.ts";
import { findFlaky } from "./flaky.ts";
import { drawFlame, escapeMarkup, FLAME_COLORS } from "./flame.ts";
import { type GatheredRun, gatherRepeats } from "./gather-repeats.ts";
import { ImportGraph } from "./import-graph.ts";
import { drawDurations, drawLanes } from "./lanes.ts";
import { keepLedger } from "./ledger.ts";
import { rateOf } from "./repetitions.ts";
import { countsInWords, headline, ledgerInWords, type ReportFacts } from "./report-facts.ts";

const MOST_RUNS_DRAWN = 100;
const MOST_RUNS_LISTED = 20;
const MOST_SLOW = 25;
const MOST_LAZY = 10;
/** So many failures are shown at once; the others open with a click, so that what comes after them can be found. */
const MOST_OPEN = 3;
const NUMBER_CELL = '<td class="number">';
const WAYS = { warm: "var(--pass)", patched: "var(--run)", resumed: "var(--warn)", "cold or plain": "var(--muted)" };

const STYLE = `
:root { color-scheme: light dark; --back: #ffffff; --text: #1b1f24; --muted: #57606a; --raised: #f4f5f6; --pass: #0f7048; --fail: #b3261e; --warn: #7a5600; --run: #0b5cad }
@media (prefers-color-scheme: dark) { :root { --back: #16191d; --text: #e6e8eb; --muted: #9aa4b0; --raised: #1f242a; --pass: #4cc38a; --fail: #ff8a75; --warn: #e0b040; --run: #6cb2ff } }
body { font: 15px/1.5 system-ui, sans-serif; background: var(--back); color: var(--text); max-width: 76rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.4rem } h2 { font-size: 1.1rem; margin-top: 2rem } .muted { color: var(--muted) } .bad { color: var(--fail) } .good { color: var(--pass) }
pre { background: var(--raised); padding: .8rem; overflow-x: auto; font-size: 13px } summary { cursor: pointer; font-family: monospace }
table { border-collapse: collapse } td, th { text-align: left; padding: .15rem 1.4rem .15rem 0; vertical-align: top } td.number, th.number { text-align: right } h1, p, summary, td.id { overflow-wrap: anywhere } td { white-space: nowrap } td.id { font-family: monospace; min-width: 18ch; white-space: normal } @media (max-width: 640px) { td, th { padding-right: .6rem } }
.wide { overflow-x: auto } .wide svg { display: block; min-width: 45rem; background: var(--raised); margin: .3rem 0 } svg text { fill: var(--text); font-size: 11px }
.key::before { content: ""; display: inline-block; width: .8em; height: .8em; margin: 0 .35em 0 1em; background: var(--own) } .key:first-child::before { margin-left: 0 }
.setup { fill: var(--warn) } .call, .warm { fill: var(--pass) } .teardown { fill: var(--muted) } .cold, .plain { fill: var(--muted) } .patched { fill: var(--run) } .resumed { fill: var(--warn) }
.flame text { fill: #1b1f24 }
`;

/** A report as one HTML file that needs nothing else: no script, no request. */
export function reportHtml(facts: ReportFacts): string {
  const { past, atMs } = facts;
  const [last] = past.runs;
  const title = headline(facts);
  const sections = [
    `<h1 class="${title.startsWith("✗") ? "bad" : "good"}">${escapeMarkup(title)}</h1>`,
    `<p class="muted">${last === undefined ? "" : escapeMarkup(`pytest ${last.args.join(" ")} · ${last.way} · ${formatTime(last.durationMs)} · `)}${new Date(atMs).toISOString()}</p>`,
    failures(facts),
    time(facts),
    durations(facts),
    flaky(facts),
    slowest(facts),
    imports(facts),
    ledger(facts),
  ];
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeMarkup(title)}</title><style>${STYLE}</style></head><body>\n${sections.filter((section) => section !== "").join("\n")}\n</body></html>\n`;
}

function failures({ past }: ReportFacts): string {
  if (past.failures.length === 0) return "";
  const all = past.failures.map(
    ({ id, text }, index) =>
      `<details${index < MOST_OPEN ? " open" : ""}><summary class="bad">✗ ${escapeMarkup(id)}</summary><pre>${escapeMarkup(text)}</pre></details>`,
  );
  return section(formatCount(past.failures.length, "failure"), all.join("\n"));
}

function time({ run }: ReportFacts): string {
  const found = run === undefined ? undefined : reckonEfficiency(run.tests, run.cores);
  if (run === undefined || found === undefined) return "";
  const words = escapeMarkup(describeEfficiency(found, run.cores, "").join("\n"));
  return section(
    "Where the time went",
    `${wide(drawLanes(run.tests))}<p class="muted">${key({ "set-up": "var(--warn)", call: "var(--pass)", "tear-down": "var(--muted)" })} of each test, by worker, from 0 to ${formatTime(found.wallMs)}</p><pre>${words}</pre>`,
  );
}

function durations({ past }: ReportFacts): string {
  const gathered = gatherRepeats(past.runs);
  const drawn = gathered.slice(0, MOST_RUNS_DRAWN).toReversed();
  if (drawn.length < 2) return "";
  const rows = gathered
    .slice(0, MOST_RUNS_LISTED)
    .map((run) => [
      number(idOf(run)),
      `<td>${escapeMarkup(run.way)}</td>`,
      number(timeOf(run)),
      id(`pytest ${run.args.join(" ")}`),
      `<td>${escapeMarkup(countsInWords(run.counts))}</td>`,
    ]);
  const label = (run: GatheredRun) =>
    `run ${idOf(run)}, ${run.way}, ${timeOf(run)}: pytest ${run.args.join(" ")}: ${countsInWords(run.counts)}`;
  const picture = drawDurations(drawn.map((run) => ({ ...run, label: label(run) })));
  const most = Math.max(...drawn.map(({ durationMs }) => durationMs));
  const count = drawn.reduce((sum, { repeats }) => sum + repeats, 0);
  return section(
    `The last ${formatCount(count, "run")}`,
    `${wide(picture)}<p class="muted">${key(WAYS)}, the oldest first; the highest took ${formatTime(most)}</p>${table(["run", "served", "took", "command", "outcomes"], rows)}`,
  );
}

function idOf({ id: last, firstId, repeats }: GatheredRun): string {
  return repeats === 1 ? String(last) : `${firstId}–${last}`;
}

function timeOf({ durationMs, repeats }: GatheredRun): string {
  return `${formatTime(durationMs)}${repeats === 1 ? "" : " each"}`;
}

function flaky({ past }: ReportFacts): string {
  const tests = findFlaky(past.unsteady);
  if (tests.length === 0) return "";
  const rows = tests.map((test) => [
    number(rateOf(test.failures, test.runs)),
    number(`${test.failures} of ${test.runs}`),
    `<td>${test.recent.map((failed) => (failed ? "✗" : "✓")).join("")}</td>`,
    id(test.id),
    id(test.conditions.map(({ what }) => what).join(", ")),
  ]);
  return section(
    "Flaky: passed and failed on the same code",
    table(["fails", "runs", "latest", "test", "goes with"], rows),
  );
}

function slowest({ past }: ReportFacts): string {
  if (past.slowest.length === 0) return "";
  const rows = past.slowest.slice(0, MOST_SLOW).map((test) => [number(formatTime(test.usualMs)), id(test.id)]);
  return section("Slowest tests", table(["usually", "test"], rows));
}

function imports({ imports: found }: ReportFacts): string {
  if (found === undefined) return "";
  const rows = new ImportGraph(found)
    .lazyCandidates(MOST_LAZY)
    .map(({ name, savesMs, modules }) => [
      number(formatTime(savesMs)),
      id(name),
      number(formatCount(modules, "module")),
    ]);
  const picture = `<div class="wide flame">${drawFlame(found)}</div>`;
  return section(
    `What a start imports, in ${formatTime(found.totalMs)}`,
    `${picture}<p class="muted">${key(FLAME_COLORS)}</p><p>Would save most if imported on first use:</p>${table(["saves", "name", ""], rows)}`,
  );
}

function ledger({ past }: ReportFacts): string {
  const found = keepLedger(past.runs);
  const rows = found.days.map(({ day, runs, savedMs }) => [
    `<td>${day}</td>`,
    number(formatCount(runs, "run")),
    number(`${(savedMs / 1000).toFixed(1)} s`),
  ]);
  return section(
    "What prewarm saved",
    `<p>${escapeMarkup(ledgerInWords(found))}</p>${rows.length === 0 ? "" : table(["day", "runs", "not spent"], rows)}`,
  );
}

/** What a colour stands for: each word behind a square of its own. */
function key(colors: Readonly<Record<string, string>>): string {
  return Object.entries(colors)
    .map(([word, color]) => `<span class="key" style="--own: ${color}">${escapeMarkup(word)}</span>`)
    .join("");
}

function section(title: string, body: string): string {
  return `<h2>${escapeMarkup(title)}</h2>\n${body}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const isNumber = (index: number) => rows[0]?.[index]?.startsWith(NUMBER_CELL) === true;
  const heads = head
    .map((each, index) => `<th${isNumber(index) ? ' class="number"' : ""}>${escapeMarkup(each)}</th>`)
    .join("");
  return wide(`<table><tr>${heads}</tr>${rows.map((cells) => `<tr>${cells.join("")}</tr>`).join("\n")}</table>`);
}

/** What has its own width, and is moved sideways within a narrow window. */
function wide(body: string): string {
  return `<div class="wide">${body}</div>`;
}

function number(text: string): string {
  return `${NUMBER_CELL}${escapeMarkup(text)}</td>`;
}

function id(text: string): string {
  return `<td class="id">${escapeMarkup(text)}</td>`;
}
