import { formatTime } from "../../src/report/format-time.ts";
import type { Lane, LaneTest } from "../../src/report/run-lanes.ts";

export const LABEL_PX = 80;
export const AXIS_PX = 24;
export const LANE_PX = 24;
const TICK_PX = 110;

/** What is drawn, and the part of the time axis that is seen. */
export interface Picture {
  readonly lanes: readonly Lane[];
  readonly fromMs: number;
  readonly untilMs: number;
  readonly firstTestMs: number;
  readonly boundMs: number;
}

/** Draws the lanes in the colours of the page. What has failed is high, too: nobody needs the colour. */
export function drawLanes(canvas: HTMLCanvasElement, widthPx: number, picture: Picture): void {
  const heightPx = AXIS_PX + Math.max(1, picture.lanes.length) * LANE_PX + 2;
  const scale = window.devicePixelRatio;
  canvas.width = widthPx * scale;
  canvas.height = heightPx * scale;
  canvas.style.width = `${widthPx}px`;
  canvas.style.height = `${heightPx}px`;
  const context = canvas.getContext("2d");
  if (context === null) return;
  const styles = getComputedStyle(canvas);
  const colour = (name: string) => styles.getPropertyValue(`--${name}`).trim();
  const { lanes, fromMs, untilMs, firstTestMs, boundMs } = picture;
  const pxPerMs = (widthPx - LABEL_PX) / (untilMs - fromMs);
  const x = (atMs: number) => LABEL_PX + (atMs - fromMs) * pxPerMs;
  context.scale(scale, scale);
  context.font = `12px ${styles.fontFamily}`;
  context.textBaseline = "middle";
  drawAxis();
  for (const [at, { worker }] of lanes.entries()) {
    context.fillStyle = colour("text");
    context.fillText(worker === "" ? "leader" : worker, 4, AXIS_PX + (at + 0.5) * LANE_PX, LABEL_PX - 8);
  }
  context.beginPath();
  context.rect(LABEL_PX, 0, widthPx - LABEL_PX, heightPx);
  context.clip();
  drawStart();
  for (const [at, { tests }] of lanes.entries()) for (const test of tests) drawTest(test, AXIS_PX + at * LANE_PX);
  context.strokeStyle = colour("muted");
  context.setLineDash([3, 3]);
  context.beginPath();
  context.moveTo(x(boundMs), AXIS_PX - 4);
  context.lineTo(x(boundMs), heightPx);
  context.stroke();

  function drawAxis(): void {
    if (context === null) return;
    context.fillStyle = colour("muted");
    const ticks = Math.max(1, Math.floor((widthPx - LABEL_PX) / TICK_PX));
    for (let tick = 0; tick < ticks; tick += 1) {
      const atMs = fromMs + (tick * (untilMs - fromMs)) / ticks;
      context.fillRect(x(atMs), AXIS_PX - 6, 1, 5);
      context.fillText(tick === 0 && fromMs === 0 ? "0" : formatTime(atMs), x(atMs) + 3, AXIS_PX / 2 - 2);
    }
  }

  function drawStart(): void {
    if (context === null || firstTestMs <= fromMs) return;
    context.strokeStyle = colour("line");
    context.lineWidth = 2;
    const right = Math.min(widthPx, x(firstTestMs));
    context.save();
    context.beginPath();
    context.rect(x(0), AXIS_PX, right - x(0), heightPx - AXIS_PX);
    context.clip();
    context.beginPath();
    for (let left = LABEL_PX - heightPx; left < right; left += 8) {
      context.moveTo(left, heightPx);
      context.lineTo(left + heightPx - AXIS_PX, AXIS_PX);
    }
    context.stroke();
    context.restore();
    context.lineWidth = 1;
  }

  function drawTest({ outcome, startMs, endMs }: LaneTest, top: number): void {
    if (context === null || endMs < fromMs || startMs > untilMs) return;
    const left = x(startMs);
    const width = Math.max(1, x(endMs) - left - (x(endMs) - left > 3 ? 1 : 0));
    const hasFailed = outcome === "failed" || outcome === "error";
    const isPlain = outcome === "passed";
    context.fillStyle = colour(hasFailed ? "fail" : isPlain ? "pass" : "warn");
    if (hasFailed) context.fillRect(left, top + 1, width, LANE_PX - 2);
    else if (isPlain) context.fillRect(left, top + 6, width, LANE_PX - 12);
    else context.fillRect(left, top + 10, width, LANE_PX - 20);
  }
}
