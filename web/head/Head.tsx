import { useSignal, useSignalEffect } from "@preact/signals";
import { describeEdit } from "../../src/report/edit-words.ts";
import { formatCount, formatNumber } from "../../src/report/format-count.ts";
import { formatClock, formatTime } from "../../src/report/format-time.ts";
import type { RunProgress } from "../../src/report/run-view.ts";
import { readVerdict, type VerdictKind } from "../../src/report/verdict.ts";
import { isRunning, nextFailure, refusal, runAll, runFailed, runNotRun, theServer } from "../state/commands.ts";
import { command, connection, endedRuns, index, runSinceMs, view } from "../state/live.ts";
import { stopAll } from "../state/repetition.ts";
import { Elapsed } from "./Elapsed.tsx";
import { Repeated } from "./Repeated.tsx";
import { Tabs } from "./Tabs.tsx";
import { Theme } from "./Theme.tsx";

const MARKS: Readonly<Record<VerdictKind, string>> = { pass: "✓", fail: "✗", none: "○", cancelled: "?" };

/** The verdict, as the watch screen has it; the views; what can be run. */
export function Head() {
  const { words, root } = command.value;
  return (
    <header>
      <div class="facts">
        <h1>{root.split("/").at(-1) || "prewarm"}</h1>
        <span class="muted">{words.join(" ")}</span>
        <Theme />
      </div>
      <Connection />
      <Unwatched />
      <Verdict />
      <Repeated />
      <div class="bar">
        <Tabs />
        <Buttons />
      </div>
      {refusal.value === "" ? null : (
        <p class="refusal" role="alert">
          {refusal.value}
        </p>
      )}
    </header>
  );
}

function Connection() {
  const { value } = connection;
  switch (value.kind) {
    case "live":
      return null;
    case "connecting":
      return <p class="notice">Connecting …</p>;
    case "refused":
      return (
        <p class="notice" role="alert">
          This address has no token, or that of another server. <code>prewarm ui</code> prints one that fits.
        </p>
      );
    case "lost":
      return (
        <p class="notice" role="alert">
          The daemon has left. This is the state of {formatClock(new Date(value.sinceMs))}. <code>prewarm ui</code>{" "}
          starts it again.
        </p>
      );
    default:
      return value satisfies never;
  }
}

/** Without a watch, what the page shows is as old as the last run. */
function Unwatched() {
  const isWatched = useSignal(true);
  useSignalEffect(() => {
    endedRuns.value;
    // Before the first run has ended a watch may be about to begin.
    if (connection.value.kind !== "live" || view.peek().run?.record === undefined) return;
    void theServer()
      .get("Watched", "/watch")
      .then(
        (told) => {
          isWatched.value = told.isWatched;
        },
        () => {},
      );
  });
  return isWatched.value ? null : (
    <p class="notice">
      Nobody watches: edits since the last run are not noticed. <code>prewarm ui</code> watches.
    </p>
  );
}

function Verdict() {
  const { run, edit } = view.value;
  if (run === undefined) {
    return (
      <p class="verdict" role="status">
        {view.value.tests.size === 0 ? "No run yet." : "No run since this page is served."} Save a file, or press{" "}
        <kbd>a</kbd>.
      </p>
    );
  }
  return (
    <>
      {edit === undefined ? null : <EditLine />}
      {run.record === undefined ? <Progress run={run} /> : <Finished run={run} />}
    </>
  );
}

function EditLine() {
  const { edit } = view.value;
  if (edit === undefined) return null;
  const { path, what } = describeEdit(edit.files);
  return (
    <p class="edit">
      <span>
        <b>{path}</b> {what}
      </span>
      <span class="muted">{formatClock(new Date(edit.atMs))}</span>
    </p>
  );
}

function Finished({ run }: { readonly run: RunProgress }) {
  const { kind, parts, served } = readVerdict(view.value, { path: "", name: "" });
  const [reason, ...rest] = parts;
  return (
    <p class={`verdict is-${kind}`} role="status">
      <span>
        <span class="mark">{MARKS[kind]}</span> <b>{reason}</b>
        {rest.map((part) => ` · ${part}`).join("")}
      </span>
      <span>
        <span class="muted">{served}</span> <b>{formatTime(run.record?.durationMs ?? 0)}</b>
      </span>
    </p>
  );
}

function Progress({ run }: { readonly run: RunProgress }) {
  const failed = (run.counts.failed ?? 0) + (run.counts.error ?? 0);
  return (
    <>
      <p class="verdict is-running">
        <span>
          <span class="mark spin">❯</span>{" "}
          <b>
            {formatNumber(run.finished)}/{formatNumber(run.selected)}
          </b>
          {failed === 0 ? "" : " · "}
          {failed === 0 ? null : <span class="fail">✗ {formatNumber(failed)}</span>}
          {run.running.size > 1 ? ` · ${formatCount(run.running.size, "test")} at once` : ""}
        </span>
        <b>
          <Elapsed sinceMs={runSinceMs.value} />
        </b>
      </p>
      <div
        class="progress"
        role="progressbar"
        aria-label="tests that have run"
        aria-valuemin={0}
        aria-valuemax={run.selected}
        aria-valuenow={run.finished}
      >
        <div style={{ width: `${(100 * run.finished) / Math.max(1, run.selected)}%` }} />
      </div>
    </>
  );
}

function Buttons() {
  const isLive = connection.value.kind === "live";
  const { failing, notRun, ids } = index.value;
  const newlyFailed = view.value.run?.newlyFailed.length ?? 0;
  const total = ids.length;
  return (
    <div class="buttons">
      <Action
        letter="a"
        label={total === 0 ? "Run all" : `Run all ${formatNumber(total)}`}
        isOff={!isLive}
        act={runAll}
      />
      <Action letter="f" label={`Failed ${formatNumber(failing)}`} isOff={!isLive || failing === 0} act={runFailed} />
      <Action
        letter="u"
        label={`Not run ${formatNumber(notRun)}`}
        isOff={!isLive || notRun === 0 || isRunning()}
        act={runNotRun}
      />
      <Action
        letter="n"
        label={newlyFailed === 0 ? "Next failure" : `Next failure, ${formatNumber(newlyFailed)} new`}
        isOff={failing === 0}
        act={nextFailure}
      />
      <Action letter="c" label="Stop" isOff={!isLive || !isRunning()} act={stopAll} />
    </div>
  );
}

function Action({
  letter,
  label,
  isOff,
  act,
}: {
  readonly letter: string;
  readonly label: string;
  readonly isOff: boolean;
  readonly act: () => void;
}) {
  return (
    <button type="button" disabled={isOff} onClick={act} aria-keyshortcuts={letter}>
      <kbd>{letter}</kbd> {label}
    </button>
  );
}
