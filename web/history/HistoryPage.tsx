import { useSignal, useSignalEffect } from "@preact/signals";
import type { HttpAnswer } from "../../src/protocol/http-schema.ts";
import { formatCount, formatNumber } from "../../src/report/format-count.ts";
import { formatClock, formatTime } from "../../src/report/format-time.ts";
import { showTest, theServer } from "../state/commands.ts";
import { connection, endedRuns } from "../state/live.ts";
import { RunBars } from "./RunBars.tsx";
import { Spark } from "./Spark.tsx";

const MOST_RUNS = 200;

interface Known {
  readonly runs: HttpAnswer<"History">["runs"];
  readonly past: HttpAnswer<"Past">;
}

/** Runs on record, tests that come and go, and tests that take longer than they did. */
export function HistoryPage() {
  const known = useSignal<Known | undefined>(undefined);
  useSignalEffect(() => {
    endedRuns.value;
    if (connection.value.kind !== "live") return;
    void Promise.all([
      theServer().get("History", `/history?limit=${MOST_RUNS}`),
      theServer().get("Past", "/past"),
    ]).then(
      ([{ runs }, past]) => {
        known.value = { runs, past };
      },
      () => {},
    );
  });
  const { value } = known;
  if (value === undefined) return <main class="sheet" />;
  if (value.runs.length < 2) {
    const there = value.runs.length === 0 ? "there is none" : "there is one";
    return (
      <main class="sheet">
        <p class="empty">History needs two runs; {there}.</p>
      </main>
    );
  }
  const { flaky, slower, slowest } = value.past;
  return (
    <main class="sheet">
      <p>
        <b>
          flaky {flaky.length} · slower {slower.length} · {formatCount(value.runs.length, "run")} on record
        </b>
      </p>
      <RunBars runs={value.runs} />
      <Flaky tests={flaky} />
      <Slower tests={slower} />
      <section aria-label="slowest tests">
        <h2>Usually longest</h2>
        <table class="facts-table">
          <tbody>
            {slowest.map(({ id, usualMs }) => (
              <tr key={id}>
                <td class="time">{formatTime(usualMs)}</td>
                <td>
                  <Link id={id} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </main>
  );
}

function Flaky({ tests }: { readonly tests: Known["past"]["flaky"] }) {
  if (tests.length === 0) return null;
  return (
    <section aria-label="flaky tests">
      <h2>Passed and failed on the same code</h2>
      <table class="facts-table">
        <tbody>
          {tests.map(({ id, runs, failures, recent, lastFailedMs, conditions }) => (
            <tr key={id}>
              <td class="s-outdated">
                <span class="mark">~</span> <Link id={id} />
              </td>
              <td>
                {formatNumber(failures)} of {formatNumber(runs)}
              </td>
              <td class="recent">
                {recent.map((hasFailed, at) => (
                  <span key={at} class={hasFailed ? "s-failed" : "s-passed"}>
                    <span class="mark">{hasFailed ? "✗" : "✓"}</span>
                  </span>
                ))}
              </td>
              <td class="muted">{[`last failed ${formatClock(new Date(lastFailedMs))}`, ...conditions].join(" · ")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Slower({ tests }: { readonly tests: Known["past"]["slower"] }) {
  if (tests.length === 0) return null;
  return (
    <section aria-label="slower tests">
      <h2>Slower than before</h2>
      <table class="facts-table">
        <tbody>
          {tests.map(({ id, beforeMs, nowMs, durationsMs, sinceRun }) => (
            <tr key={id}>
              <td>
                ▲ <Link id={id} />
              </td>
              <td>
                {formatTime(beforeMs)} → {formatTime(nowMs)}
              </td>
              <td>
                <Spark values={durationsMs} />
              </td>
              <td class="muted">since run {sinceRun}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Link({ id }: { readonly id: string }) {
  return (
    <button type="button" class="link" onClick={() => showTest(id)}>
      {id}
    </button>
  );
}
