import { formatTime } from "../report/format-time.ts";
import { describeEfficiency } from "./describe-efficiency.ts";
import { reckonEfficiency } from "./efficiency.ts";
import { findFlaky } from "./flaky.ts";
import { keepLedger } from "./ledger.ts";
import { rateOf } from "./repetitions.ts";
import { headline, ledgerInWords, type ReportFacts } from "./report-facts.ts";

const MOST_FAILURES = 20;
const LONGEST_TEXT = 4_000;
const MOST_SLOW = 10;

/** A report as Markdown, for a pull request. */
export function reportMarkdown(facts: ReportFacts): string {
  const { past, run } = facts;
  const [last] = past.runs;
  const flaky = findFlaky(past.unsteady);
  const efficiency = run === undefined ? undefined : reckonEfficiency(run.tests, run.cores);
  const parts = [
    `## ${escapeCell(headline(facts))}`,
    ...(last === undefined ? [] : [`\`pytest ${last.args.join(" ")}\` · ${last.way} · ${formatTime(last.durationMs)}`]),
    ...failures(facts),
    ...(run === undefined || efficiency === undefined
      ? []
      : ["### Where the time went", ["```text", ...describeEfficiency(efficiency, run.cores, ""), "```"].join("\n")]),
    ...(flaky.length === 0
      ? []
      : [
          "### Flaky",
          table(
            ["test", "fails", "runs"],
            flaky.map(({ id, failures: failed, runs }) => [id, rateOf(failed, runs), `${failed} of ${runs}`]),
          ),
        ]),
    ...(past.slowest.length === 0
      ? []
      : [
          "### Slowest tests",
          table(
            ["usually", "test"],
            past.slowest.slice(0, MOST_SLOW).map(({ id, usualMs }) => [formatTime(usualMs), id]),
          ),
        ]),
    "### What prewarm saved",
    ledgerInWords(keepLedger(past.runs)),
  ];
  return `${parts.join("\n\n")}\n`;
}

function failures({ past }: ReportFacts): readonly string[] {
  if (past.failures.length === 0) return [];
  const shown = past.failures.slice(0, MOST_FAILURES).map(({ id, text }) => {
    // A fence has to be longer than any in what it holds.
    const fence = "`".repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)));
    return `<details><summary>${escapeCell(id)}</summary>\n\n${fence}text\n${text.slice(-LONGEST_TEXT)}\n${fence}\n\n</details>`;
  });
  const more = past.failures.length - shown.length;
  return ["### Failures", ...shown, ...(more > 0 ? [`… and ${more} more`] : [])];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeCell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function escapeCell(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("|", "\\|").replaceAll(/\s+/g, " ");
}
