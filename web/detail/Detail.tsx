import { useSignal, useSignalEffect } from "@preact/signals";
import type { HttpAnswer } from "../../src/protocol/http-schema.ts";
import type { NodeId } from "../../src/protocol/ids.ts";
import { formatCount } from "../../src/report/format-count.ts";
import { fileOf, nameOf } from "../../src/report/format-failure.ts";
import { formatClock, formatTime } from "../../src/report/format-time.ts";
import type { TestView } from "../../src/report/run-view.ts";
import { STATE_MARKS, TEST_STATES } from "../../src/report/test-state.ts";
import { idsIn, openInEditor, runSelected, theServer } from "../state/commands.ts";
import { connection, endedRuns, index, view } from "../state/live.ts";
import { selected, tab } from "../state/place.ts";
import { repeat, repetition } from "../state/repetition.ts";
import { Past } from "./Past.tsx";
import { Report } from "./Report.tsx";
import { Source } from "./Source.tsx";
import { diffOf, splitReport } from "./split-report.ts";

/** How often a repetition runs what is selected. */
const REPEATED = 100;

const DETAIL_TABS = ["Failure", "Source", "Diff", "Output", "Why", "History"] as const;
type DetailTab = (typeof DETAIL_TABS)[number];

/** What is known of the selected test, file or folder. */
export function Detail() {
  const key = selected.value;
  const told = useSignal<HttpAnswer<"Test"> | undefined>(undefined);
  const why = useSignal<readonly string[]>([]);
  useSignalEffect(() => {
    const id = selected.value;
    // A run may have changed all of it.
    endedRuns.value;
    view.value.tests.get(id as NodeId)?.failing;
    if (id === "" || connection.peek().kind !== "live") return;
    const about = encodeURIComponent(id);
    void Promise.all([
      theServer().get("Test", `/test?id=${about}`),
      theServer().get("Why", `/why?about=${about}`),
    ]).then(
      ([test, { lines }]) => {
        if (selected.peek() !== id) return;
        told.value = test;
        why.value = lines;
      },
      () => {},
    );
  });
  if (key === "") return null;
  const node = index.value.tree.places.get(key);
  if (node === undefined) {
    return (
      <section class="detail" id="detail" tabIndex={-1} aria-label="detail">
        <p class="empty">{key} is no test of this command any more.</p>
      </section>
    );
  }
  const test = index.value.tests[index.value.tree.tests[node] ?? -1];
  const answer = told.value?.id === key ? told.value : undefined;
  const tabs = tabsOf(answer, why.value, test);
  const current = tabs.find((each) => each === tab.value) ?? tabs[0] ?? "Why";
  return (
    <section class="detail" id="detail" tabIndex={-1} aria-label={key}>
      <Title node={node} test={test} />
      <div class="tabs" role="tablist">
        {tabs.map((each) => (
          <button
            type="button"
            key={each}
            role="tab"
            id={`tab-${each}`}
            aria-selected={each === current}
            aria-controls="tab-panel"
            tabIndex={each === current ? 0 : -1}
            onKeyDown={(event) => pressOnTab(event, tabs, each)}
            onClick={() => {
              tab.value = each;
            }}
          >
            {each}
          </button>
        ))}
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: whoever has no mouse scrolls it by its focus. */}
      <div class="panel" id="tab-panel" role="tabpanel" aria-labelledby={`tab-${current}`} tabIndex={0}>
        <Panel current={current} answer={answer} why={why.value} />
      </div>
    </section>
  );
}

function Title({ node, test }: { readonly node: number; readonly test: TestView | undefined }) {
  const { tree, up } = index.value;
  const key = tree.keys[node] ?? "";
  const state = TEST_STATES[up.states[node] ?? 0] ?? "outdated";
  const isNew = view.value.run?.newlyFailed.includes(key as NodeId) === true;
  const facts = [
    ...(test?.failing === undefined ? [] : [isNew ? "new" : `since ${formatClock(new Date(test.failing.sinceMs))}`]),
    ...(test === undefined ? [formatCount(up.totals[node] ?? 0, "test")] : []),
    ...(test !== undefined && test.outcome === undefined ? [] : [formatTime(up.durationsMs[node] ?? 0)]),
  ];
  const isOff = connection.value.kind !== "live" || idsIn(key).length === 0;
  return (
    <div class="title">
      <h2 class={`s-${state.replace(" ", "-")}`}>
        <span class="mark">{STATE_MARKS[state]}</span>{" "}
        {tree.kinds[node] === "test" ? nameOf(key as NodeId) : tree.names[node]}
      </h2>
      <p class="muted">
        {test?.failing?.place ?? fileOf(key)} · {state} · {facts.join(" · ")}
      </p>
      <div class="buttons">
        <button type="button" class="back" onClick={closeDetail}>
          <kbd>esc</kbd> Back
        </button>
        <button type="button" disabled={isOff} onClick={runSelected} aria-keyshortcuts="r">
          <kbd>r</kbd> Run
        </button>
        <button
          type="button"
          disabled={isOff || repetition.value?.isOver === false}
          onClick={() => repeat(key, idsIn(key), REPEATED)}
        >
          Repeat {REPEATED}
        </button>
        <button
          type="button"
          disabled={connection.value.kind !== "live" || tree.kinds[node] === "folder"}
          onClick={openInEditor}
          aria-keyshortcuts="e"
        >
          <kbd>e</kbd> Editor
        </button>
      </div>
    </div>
  );
}

function closeDetail(): void {
  selected.value = "";
}

function Panel({
  current,
  answer,
  why,
}: {
  readonly current: DetailTab;
  readonly answer: HttpAnswer<"Test"> | undefined;
  readonly why: readonly string[];
}) {
  const report = splitReport(answer?.failure?.text ?? "");
  switch (current) {
    case "Failure":
      return <Report text={report.traceback} />;
    case "Source":
      return answer?.source == null ? null : <Source part={answer.source} />;
    case "Diff":
      return <Report text={diffOf(report.traceback).join("\n")} />;
    case "Output":
      return <Report text={report.output} />;
    case "Why":
      return <pre>{why.join("\n")}</pre>;
    case "History":
      return <Past past={answer?.past ?? []} />;
    default:
      return current satisfies never;
  }
}

function tabsOf(
  answer: HttpAnswer<"Test"> | undefined,
  why: readonly string[],
  test: TestView | undefined,
): readonly DetailTab[] {
  const report = splitReport(answer?.failure?.text ?? "");
  const has: Readonly<Record<DetailTab, boolean>> = {
    Failure: answer?.failure != null,
    Source: answer?.source != null,
    Diff: diffOf(report.traceback).length > 0,
    Output: report.output !== "",
    Why: why.length > 0,
    History: test !== undefined,
  };
  return DETAIL_TABS.filter((each) => has[each]);
}

function pressOnTab(event: KeyboardEvent, tabs: readonly DetailTab[], at: DetailTab): void {
  const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
  const next = tabs[(tabs.indexOf(at) + step + tabs.length) % tabs.length];
  if (step === 0 || next === undefined) return;
  event.preventDefault();
  tab.value = next;
  document.getElementById(`tab-${next}`)?.focus();
}
