import type { HttpAnswer } from "../../src/protocol/http-schema.ts";
import { formatNumber } from "../../src/report/format-count.ts";
import { formatClock, formatTime } from "../../src/report/format-time.ts";

type PastRun = HttpAnswer<"History">["runs"][number];

const HEIGHT = 80;
const BAR = 9;
const LEAST = 3;
/** pytest's exit codes. */
const INTERRUPTED = 2;
const NO_TESTS = 5;
const MOST_LISTED = 20;
const MOST_BARS = 120;

/** The runs on record as bars, the newest at the right; high means long. The table has the newest of them. */
export function RunBars({ runs }: { readonly runs: readonly PastRun[] }) {
  // Heights by the logarithm: a cold start would hide all others.
  const height = ({ record }: PastRun) => Math.max(LEAST, (Math.log10(1 + record.durationMs) / 6) * HEIGHT);
  const drawn = runs.slice(0, MOST_BARS).toReversed();
  return (
    <section aria-label="runs">
      <h2>Runs</h2>
      <div class="run-bars">
        <svg
          width={drawn.length * BAR}
          height={HEIGHT}
          role="img"
          aria-label={`${runs.length} runs; the table below has the newest`}
        >
          <title>Durations of runs, the newest at the right; the scale is logarithmic</title>
          {drawn.map((run, at) => (
            <rect
              key={run.id}
              class={stateOf(run)}
              x={at * BAR}
              y={HEIGHT - height(run)}
              width={BAR - 2}
              height={height(run)}
            />
          ))}
        </svg>
      </div>
      <table class="facts-table">
        <tbody>
          {runs.slice(0, MOST_LISTED).map((run) => (
            <tr key={run.id} class={`s-${stateOf(run)}`}>
              <td>
                <span class="mark">{MARKS[stateOf(run)]}</span> {run.id}
              </td>
              <td>{formatClock(new Date(run.atMs))}</td>
              <td class="time">{formatTime(run.record.durationMs)}</td>
              <td>{run.record.way}</td>
              <td>{describe(run)}</td>
              <td class="muted">pytest {run.args.join(" ")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const MARKS = { passed: "✓", failed: "✗", outdated: "?", "not-run": "○" } as const;

function stateOf({ counts, record }: PastRun): keyof typeof MARKS {
  if ((counts.failed ?? 0) + (counts.error ?? 0) > 0) return "failed";
  if (record.exit === null || record.exit === INTERRUPTED) return "outdated";
  if (record.exit !== 0 && record.exit !== NO_TESTS) return "failed";
  return Object.keys(counts).length === 0 ? "not-run" : "passed";
}

function describe({ counts, record }: PastRun): string {
  if (record.exit === null) return "superseded";
  const parts = Object.entries(counts).map(([outcome, count]) => `${formatNumber(count ?? 0)} ${outcome}`);
  if (record.exit !== 0 && record.exit !== 1 && record.exit !== NO_TESTS) parts.push(`exit code ${record.exit}`);
  return parts.length === 0 ? "no tests" : parts.join(", ");
}
