import { useSignal, useSignalEffect } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { formatCount } from "../../src/report/format-count.ts";
import { formatTime } from "../../src/report/format-time.ts";
import { type Lane, type LaneTest, lowerBoundMs } from "../../src/report/run-lanes.ts";
import { isDark } from "../head/Theme.tsx";
import { showTest } from "../state/commands.ts";
import { AXIS_PX, drawLanes, LABEL_PX, LANE_PX, type Picture } from "./draw-lanes.ts";

const MOST_ZOOM = 512;

interface LanesOfRun {
  readonly lanes: readonly Lane[];
  readonly durationMs: number;
  readonly firstTestMs: number;
}

/** The workers of a run on one time axis. */
export function Lanes(run: LanesOfRun) {
  const { lanes, durationMs, firstTestMs } = run;
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useSignal(800);
  const zoom = useSignal(1);
  /** What is seen begins at this part of the axis, from 0 to 1. */
  const from = useSignal(0);
  const pointed = useSignal<LaneTest | undefined>(undefined);
  const shown = useSignal(run);
  shown.value = run;
  useLayoutEffect(() => {
    const box = canvas.current?.parentElement;
    if (box == null) return;
    const observer = new ResizeObserver(() => {
      width.value = box.clientWidth;
    });
    observer.observe(box);
    return () => observer.disconnect();
  }, [width]);
  const picture = (): Picture => {
    const { lanes: all, durationMs: wholeMs, firstTestMs: beginMs } = shown.value;
    const spanMs = Math.max(wholeMs, 0.001) / zoom.value;
    const fromMs = from.value * Math.max(wholeMs, 0.001);
    return {
      ...{ lanes: all, fromMs, untilMs: fromMs + spanMs, firstTestMs: beginMs },
      boundMs: lowerBoundMs(all, beginMs),
    };
  };
  useSignalEffect(() => {
    isDark.value;
    if (canvas.current !== null) drawLanes(canvas.current, width.value, picture());
  });

  const change = (factor: number, step: number): void => {
    const next = Math.min(MOST_ZOOM, Math.max(1, zoom.value * factor));
    const middle = from.value + 0.5 / zoom.value + step / zoom.value;
    zoom.value = next;
    from.value = Math.min(1 - 1 / next, Math.max(0, middle - 0.5 / next));
  };
  const press = (event: KeyboardEvent): void => {
    const act = { "+": [2, 0], "-": [0.5, 0], "0": [0, 0], ArrowLeft: [1, -0.25], ArrowRight: [1, 0.25] }[event.key];
    if (act === undefined) return;
    event.preventDefault();
    change(act[0] ?? 1, act[1] ?? 0);
  };
  const testAt = (event: MouseEvent): LaneTest | undefined => {
    const box = canvas.current?.getBoundingClientRect();
    if (box === undefined) return undefined;
    const lane = lanes[Math.floor((event.clientY - box.top - AXIS_PX) / LANE_PX)];
    const { fromMs, untilMs } = picture();
    const scaleMs = (untilMs - fromMs) / (box.width - LABEL_PX);
    const atMs = fromMs + (event.clientX - box.left - LABEL_PX) * scaleMs;
    // A test of less than a pixel can be pointed at, too.
    return lane?.tests.find(({ startMs, endMs }) => startMs <= atMs + scaleMs && endMs >= atMs - scaleMs);
  };
  const count = lanes.reduce((sum, { tests }) => sum + tests.length, 0);
  const { value } = pointed;
  return (
    <section aria-label="timeline">
      <h2>Timeline</h2>
      <p class="zoom">
        <button type="button" onClick={() => change(0.5, 0)} aria-label="Zoom out">
          −
        </button>{" "}
        {zoom.value} ×{" "}
        <button type="button" onClick={() => change(2, 0)} aria-label="Zoom in">
          +
        </button>{" "}
        <span class="muted">
          {value === undefined
            ? "▒ before the first test · ▇ a test, high where it failed · ┆ lower bound"
            : `${value.id} · ${value.outcome} · ${formatTime(value.endMs - value.startMs)}`}
        </span>
      </p>
      <div class="lanes">
        <canvas
          ref={canvas}
          tabIndex={0}
          role="img"
          aria-label={`${formatCount(count, "test")} of ${formatCount(lanes.length, "worker")} in ${formatTime(durationMs)}, the first after ${formatTime(firstTestMs)}. The table below has the longest.`}
          onKeyDown={press}
          onPointerMove={(event) => {
            pointed.value = testAt(event);
          }}
          onPointerLeave={() => {
            pointed.value = undefined;
          }}
          onClick={(event) => {
            const test = testAt(event);
            if (test !== undefined) showTest(test.id);
          }}
        />
      </div>
    </section>
  );
}
