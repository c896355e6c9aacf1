import { useSignal, useSignalEffect } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { formatNumber } from "../../src/report/format-count.ts";
import { index, view } from "../state/live.ts";
import { rows, search, selected, wantedStates } from "../state/place.ts";
import { ROW_PX, Row } from "./Row.tsx";
import { clickInTree, pressInTree } from "./tree-keys.ts";

export const TREE_ID = "tree";

/** Rows above and below what is seen: quick scrolling shows no gaps. */
const SPARE_ROWS = 10;

/** The tree of tests: as many rows in the document as are seen, whatever the suite. */
export function TestTree() {
  const box = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useSignal(600);
  useLayoutEffect(() => {
    const { current } = box;
    if (current === null) return;
    const observer = new ResizeObserver(() => {
      height.value = current.clientHeight;
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, [height]);
  useSignalEffect(() => keepInSight(box.current, selected.value));

  const { nodes, positions, sizes } = rows.value;
  const from = Math.max(0, Math.floor(top.value / ROW_PX) - SPARE_ROWS);
  const until = Math.min(nodes.length, Math.ceil((top.value + height.value) / ROW_PX) + SPARE_ROWS);
  const active = index.value.tree.places.get(selected.value);
  const seen = [...nodes.subarray(from, until)];
  return (
    <div
      id={TREE_ID}
      class="tree"
      role="tree"
      aria-label="tests"
      tabIndex={0}
      aria-activedescendant={active !== undefined && seen.includes(active) ? `node-${active}` : undefined}
      ref={box}
      onScroll={(event) => {
        top.value = event.currentTarget.scrollTop;
      }}
      onKeyDown={pressInTree}
      onClick={clickInTree}
    >
      {nodes.length === 0 ? <Nothing /> : null}
      <div class="rows" role="presentation" style={{ height: `${nodes.length * ROW_PX}px` }}>
        {seen.map((node, at) => (
          <Row
            key={node}
            node={node}
            topPx={(from + at) * ROW_PX}
            position={positions[from + at] ?? 1}
            size={sizes[from + at] ?? 1}
          />
        ))}
      </div>
    </div>
  );
}

/** Scrolls no further than it must. */
function keepInSight(box: HTMLDivElement | null, key: string): void {
  const node = index.peek().tree.places.get(key);
  if (box === null || node === undefined) return;
  const at = rows.peek().nodes.indexOf(node);
  if (at === -1) return;
  const topPx = at * ROW_PX;
  if (topPx < box.scrollTop) box.scrollTop = topPx;
  else if (topPx + ROW_PX > box.scrollTop + box.clientHeight) box.scrollTop = topPx + ROW_PX - box.clientHeight;
}

/** Why there is no row, and what to do. */
function Nothing() {
  const { run, tests } = view.value;
  if (tests.size === 0) {
    const isUnderWay = run !== undefined && run.record === undefined;
    return <p class="empty">{isUnderWay ? "Collecting …" : "No test is known yet. a runs all."}</p>;
  }
  if (search.value !== "") return <p class="empty">No test matches “{search.value}”. Esc clears it.</p>;
  const states = [...wantedStates.value].join(" or ");
  const isOnlyFailures = [...wantedStates.value].every((state) => state === "failed" || state === "error");
  if (run?.record !== undefined && isOnlyFailures) {
    const { notRun } = index.value;
    const rest = notRun === 0 ? "Esc shows all." : `${formatNumber(notRun)} were not run: u runs them.`;
    return (
      <p class="empty">
        None of the {formatNumber(tests.size - notRun)} tests that ran failed. {rest}
      </p>
    );
  }
  return (
    <p class="empty">
      None of the {formatNumber(tests.size)} tests is {states}. Esc shows all.
    </p>
  );
}
