import { readFileSync, writeFileSync } from "node:fs";
import type { Limits } from "./limits.ts";
import type { Cell } from "./measure.ts";
import type { Scenario } from "./scenarios.ts";

/** One measured row. */
export interface Row {
  readonly scenario: Scenario;
  readonly cells: ReadonlyMap<string, Cell>;
}

const LIMIT_NAMES: Readonly<Record<keyof Limits, string>> = {
  bareClient: "bare Node client: start, connect, one line there and back, end",
  oneTest: "fork, one test, result over a pipe",
  tenTests: "fork, the ten tests of a file",
  editedFile: "fork, a changed test file imported and collected, its tests",
  fullRun: "fork, all 600 tests",
  reportedRun: "fork, all 600 tests, with pytest's own reporter writing to nowhere",
  afterLeaf: "import of what follows the edited leaf, collection of the test file",
  afterCore: "import of what follows the edited core module, collection of the test file",
  afterConftest: "import of the whole application by the conftest, collection of the test file",
  coldImports: "`python -c` that imports pytest and the application",
};

/** The scenarios as a markdown table: seconds, median (smallest to largest), and prewarm's ratio to the limit where it took part. */
export function scenarioTable(rows: readonly Row[], names: readonly string[], limits: Limits): string {
  const withRatio = names.includes("prewarm");
  const head = [
    "",
    ...names,
    "limit",
    ...(withRatio ? ["prewarm / limit", "inside the daemon", "inside / its limit"] : []),
  ];
  const body = rows.map(({ scenario, cells }) => {
    const limitMs = scenario.limitMs(limits);
    const median = cells.get("prewarm")?.series?.medianMs;
    const inside = cells.get("prewarm")?.inside;
    // What is left of the limit without the command line's own start; a cold run has no such part.
    const insideLimitMs = scenario.cold ? limitMs : limitMs - limits.bareClient.medianMs;
    const insideText = inside === undefined ? "" : cellText({ series: inside, inside, wrong: [] });
    const insideRatio = inside === undefined ? "" : (inside.medianMs / insideLimitMs).toFixed(2);
    const ratio = median === undefined ? "" : (median / limitMs).toFixed(2);
    return [
      scenario.title,
      ...names.map((name) => cellText(cells.get(name))),
      seconds(limitMs),
      ...(withRatio ? [ratio, insideText, insideRatio] : []),
    ];
  });
  return markdown(head, body);
}

/** The same of a watch, where the limit has no command line in it. */
export function watchTable(rows: readonly Row[], names: readonly string[], ours: string, limits: Limits): string {
  const body = rows.map(({ scenario, cells }) => {
    const limitMs = scenario.limitMs(limits);
    const median = cells.get(ours)?.series?.medianMs;
    const ratio = median === undefined ? "" : (median / limitMs).toFixed(2);
    return [scenario.title, ...names.map((name) => cellText(cells.get(name))), seconds(limitMs), ratio];
  });
  return markdown(["", ...names, "limit", `${ours} / limit`], body);
}

/** The limits as a markdown table in milliseconds. */
export function limitTable(limits: Limits): string {
  const names = Object.keys(LIMIT_NAMES) as (keyof Limits)[];
  return markdown(
    ["limit", "ms", "rounds"],
    names.map((name) => {
      const { medianMs, minMs, maxMs, count } = limits[name];
      return [LIMIT_NAMES[name], `${medianMs.toFixed(1)} (${minMs.toFixed(1)} to ${maxMs.toFixed(1)})`, String(count)];
    }),
  );
}

/** Replaces what stands between the two marker comments of the name in a markdown file. */
export function replaceSection(path: string, name: string, text: string): void {
  const old = readFileSync(path, "utf8");
  const pattern = new RegExp(`(<!-- ${name}: begin -->\n)[^]*?(<!-- ${name}: end -->)`);
  if (!pattern.test(old)) throw new Error(`${path} has no section ${name}.`);
  writeFileSync(
    path,
    old.replace(pattern, (_, begin: string, end: string) => `${begin}\n${text.trim()}\n\n${end}`),
  );
}

function cellText(cell: Cell | undefined): string {
  if (cell === undefined) return "–";
  const { series, wrong } = cell;
  const wrongText = wrong.length === 0 ? "" : `${wrong.length} wrong: ${wrong[0]?.replaceAll("|", "\\|") ?? ""}`;
  if (series === undefined) return wrongText;
  const times = `${seconds(series.medianMs)} (${seconds(series.minMs)} to ${seconds(series.maxMs)})`;
  return wrongText === "" ? times : `${times}; ${wrongText}`;
}

function seconds(durationMs: number): string {
  return (durationMs / 1000).toFixed(durationMs < 1000 ? 3 : 2);
}

function markdown(head: readonly string[], body: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
