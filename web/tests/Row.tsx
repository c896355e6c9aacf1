import { formatNumber } from "../../src/report/format-count.ts";
import { formatClock, formatTime } from "../../src/report/format-time.ts";
import { STATE_MARKS, TEST_STATES } from "../../src/report/test-state.ts";
import { index, runTimes } from "../state/live.ts";
import { isOpen, selected } from "../state/place.ts";
import { isLeaf } from "./visible-rows.ts";

/** All rows are equally high. The style sheet has the same number. */
export const ROW_PX = 24;
const INDENT_PX = 14;

interface RowPlace {
  readonly node: number;
  readonly topPx: number;
  readonly position: number;
  readonly size: number;
}

/** One node of the tree. */
export function Row({ node, topPx, position, size }: RowPlace) {
  const { tree, up, tests } = index.value;
  const key = tree.keys[node] ?? "";
  const depth = tree.depths[node] ?? 0;
  const state = TEST_STATES[up.states[node] ?? 0] ?? "outdated";
  const isTest = isLeaf(tree, node);
  const isExpanded = !isTest && isOpen(node);
  const test = tests[tree.tests[node] ?? -1];
  const facts = isTest
    ? [factOf(state, test)]
    : [formatNumber(up.totals[node] ?? 0), formatTime(up.durationsMs[node] ?? 0)];
  const failures = up.failures[node] ?? 0;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the tree has the focus, and says which row is active.
    <div
      id={`node-${node}`}
      data-node={node}
      class={`row s-${state.replace(" ", "-")}`}
      role="treeitem"
      aria-level={depth + 1}
      aria-setsize={size}
      aria-posinset={position}
      aria-selected={selected.value === key}
      aria-expanded={isTest ? undefined : isExpanded}
      aria-label={`${tree.names[node]}, ${state}${!isTest && failures > 0 ? `, ${failures} failed` : ""}`}
      style={{ top: `${topPx}px`, paddingLeft: `${6 + depth * INDENT_PX}px` }}
    >
      <span class="twisty"> {isTest ? "" : isExpanded ? "▾" : "▸"}</span>
      <span class="mark">{STATE_MARKS[state]}</span>
      <span class="name">{tree.names[node]}</span>
      {!isTest && failures > 0 ? <span class="fail">✗ {formatNumber(failures)}</span> : null}
      {facts.map((fact) => (
        <span key={fact} class="fact">
          {fact}
        </span>
      ))}
    </div>
  );
}

function factOf(
  state: string,
  test: { readonly outcome: string | undefined; readonly durationMs: number; readonly run: number } | undefined,
): string {
  if (test?.outcome === undefined) return "";
  if (state !== "not run" && state !== "outdated") return formatTime(test.durationMs);
  const atMs = runTimes.get(test.run);
  return atMs === undefined ? `${test.outcome} before` : `${test.outcome} ${formatClock(new Date(atMs))}`;
}
