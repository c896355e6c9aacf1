import { useSignal, useSignalEffect } from "@preact/signals";
import type { HttpAnswer } from "../../src/protocol/http-schema.ts";
import { describeEdit } from "../../src/report/edit-words.ts";
import { formatCount } from "../../src/report/format-count.ts";
import { formatClock, formatTime } from "../../src/report/format-time.ts";
import { buildLanes, type Lane, lowerBoundMs } from "../../src/report/run-lanes.ts";
import { theServer } from "../state/commands.ts";
import { command, connection, endedRuns, view } from "../state/live.ts";
import { Lanes } from "./Lanes.tsx";
import { LongestTests } from "./LongestTests.tsx";

type HttpRun = HttpAnswer<"Run">;

interface Shown {
  readonly run: HttpRun;
  readonly lanes: readonly Lane[];
}

/** What the last edit did and why, and what each worker did when. */
export function RunPage() {
  const runs = useSignal<readonly HttpRun[]>([]);
  /** The id of the run that the person has chosen; empty for the last one. */
  const chosen = useSignal("");
  const shown = useSignal<Shown | undefined>(undefined);
  const why = useSignal<readonly string[]>([]);
  useSignalEffect(() => {
    endedRuns.value;
    const id = chosen.value;
    if (connection.value.kind !== "live") return;
    void load(id).then(
      (loaded) => {
        runs.value = loaded.runs;
        shown.value = loaded.shown;
        why.value = loaded.why;
      },
      () => {},
    );
  });
  const { value } = shown;
  if (value === undefined) {
    return (
      <main class="sheet">
        <p class="empty">No run has ended yet. Save a file, or press a.</p>
      </main>
    );
  }
  const isLast = value.run.id === runs.value[0]?.id;
  return (
    <main class="sheet">
      <p>
        <label>
          Run{" "}
          <select value={value.run.id} onChange={(event) => (chosen.value = event.currentTarget.value)}>
            {runs.value.map((run) => (
              <option key={run.id} value={run.id}>
                {nameOfRun(run)}
              </option>
            ))}
          </select>
        </label>
      </p>
      <Facts {...value} />
      {value.lanes.length === 0 ? (
        <p class="empty">No test ran in this run.</p>
      ) : (
        <Lanes
          lanes={value.lanes}
          durationMs={value.run.record?.durationMs ?? 0}
          firstTestMs={firstTestMs(value.run)}
        />
      )}
      {isLast ? <Why lines={why.value} /> : null}
      <LongestTests lanes={value.lanes} />
    </main>
  );
}

function Facts({ run, lanes }: Shown) {
  const { record } = run;
  const bound = lowerBoundMs(lanes, firstTestMs(run));
  const facts = [
    `run ${run.id}`,
    formatCount(run.selected, "test"),
    ...(record === null ? [] : [formatTime(record.durationMs)]),
    ...(lanes.length === 0 ? [] : [`lower bound ${formatTime(bound)}`]),
    ...(lanes.length > 1 ? [formatCount(lanes.length, "worker")] : []),
  ];
  return (
    <p>
      <b>{facts.join(" · ")}</b>
      {record === null ? null : (
        <>
          <br />
          {record.way}
          {record.reason === "" ? "" : `: ${record.reason}`}
        </>
      )}
    </p>
  );
}

/** What the last edit did: the planner's own words. */
function Why({ lines }: { readonly lines: readonly string[] }) {
  const { edit, run } = view.value;
  const reasons = Object.entries(run?.reasons ?? {});
  return (
    <section aria-label="why">
      <h2>What the last edit did, and why</h2>
      {edit === undefined ? (
        <p class="muted">No file was saved since the page is served.</p>
      ) : (
        <p>
          {formatClock(new Date(edit.atMs))} <b>{describeEdit(edit.files).path}</b> {describeEdit(edit.files).what}
        </p>
      )}
      <pre>{lines.join("\n")}</pre>
      {reasons.length === 0 ? null : (
        <details>
          <summary>Why each test ran ({reasons.length})</summary>
          <table class="facts-table">
            <tbody>
              {reasons.map(([id, reason]) => (
                <tr key={id}>
                  <td>{id}</td>
                  <td class="muted">{reason}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </details>
      )}
    </section>
  );
}

async function load(id: string) {
  const [{ runs: all }, { lines }] = await Promise.all([
    theServer().get("Runs", "/runs"),
    theServer().get("Why", "/why"),
  ]);
  const runs = all.filter((run) => run.state === "finished" && isServed(run));
  const run = runs.find((each) => each.id === id) ?? runs[0];
  if (run === undefined) return { runs, shown: undefined, why: lines };
  const { outcomes } = await theServer().get("RunOutcomes", `/runs/${run.id}/outcomes`);
  // The record counts from the request, and the outcomes from the first that was heard of the run: they meet at its end.
  const heardMs = (run.endedMs ?? run.startedMs) - run.startedMs;
  const shiftMs = run.record === null ? 0 : Math.max(0, run.record.durationMs - heardMs);
  return { runs, shown: { run, lanes: buildLanes(outcomes, shiftMs) }, why: lines };
}

function isServed({ args, cwd }: HttpRun): boolean {
  const { words } = command.value;
  return cwd === command.value.cwd && JSON.stringify(words.slice(words.indexOf("pytest") + 1)) === JSON.stringify(args);
}

function firstTestMs({ record }: HttpRun): number {
  return record?.firstTestMs ?? 0;
}

function nameOfRun({ id, startedMs, selection, selected, record }: HttpRun): string {
  const facts = [id, formatClock(new Date(startedMs)), selection ?? "", formatCount(selected, "test")];
  return [...facts, record === null ? "" : formatTime(record.durationMs)].filter((fact) => fact !== "").join(" · ");
}
