import type { TestCost } from "../protocol/events.ts";
import { formatTime } from "../report/format-time.ts";
import { wallOf } from "./efficiency.ts";
import { escapeMarkup } from "./flame.ts";

const WIDTH = 1200;
const LANE_HEIGHT = 22;
const NAME_WIDTH = 60;
/** Nothing narrower can be pointed at. */
const NARROWEST = 0.3;

/** When which worker ran which test, as an SVG picture: set-up, call and tear-down of each in a shade of its own. */
export function drawLanes(tests: readonly TestCost[]): string {
  const startMs = Math.min(...tests.map((test) => test.startMs));
  const endMs = Math.max(...tests.map((test) => test.startMs + wallOf(test)));
  const scale = (WIDTH - NAME_WIDTH) / Math.max(endMs - startMs, 1);
  const workers = [...new Set(tests.map(({ worker = "" }) => worker))].toSorted();
  const boxes = tests.flatMap((test) => {
    const y = workers.indexOf(test.worker ?? "") * LANE_HEIGHT;
    let x = NAME_WIDTH + (test.startMs - startMs) * scale;
    const parts = (["setup", "call", "teardown"] as const).map((phase) => {
      const width = Math.max(test[phase].wallMs * scale, phase === "call" ? NARROWEST : 0);
      const box = `<rect class="${phase}" x="${x.toFixed(2)}" y="${y}" width="${width.toFixed(2)}" height="${LANE_HEIGHT - 3}"/>`;
      x += width;
      return width > 0 ? box : "";
    });
    return [`<g><title>${escapeMarkup(`${test.id}: ${formatTime(wallOf(test))}`)}</title>${parts.join("")}</g>`];
  });
  const names = workers.map(
    (worker, index) => `<text x="0" y="${index * LANE_HEIGHT + 14}">${escapeMarkup(worker || "leader")}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${workers.length * LANE_HEIGHT}" width="100%">${names.join("")}${boxes.join("")}</svg>`;
}

/** How long runs took, the oldest first, as an SVG picture: a bar a run in the colour of the way in which it was served. */
export function drawDurations(
  runs: readonly { readonly durationMs: number; readonly way: string; readonly label: string }[],
): string {
  const height = 120;
  const most = Math.max(...runs.map(({ durationMs }) => durationMs), 1);
  const step = WIDTH / Math.max(runs.length, 20);
  const bars = runs.map(({ durationMs, way, label }, index) => {
    const size = Math.max(1, (height * durationMs) / most);
    return `<rect class="${way}" x="${(index * step).toFixed(1)}" y="${(height - size).toFixed(1)}" width="${(step * 0.8).toFixed(1)}" height="${size.toFixed(1)}"><title>${escapeMarkup(label)}</title></rect>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="100%">${bars.join("")}</svg>`;
}
