import { useSignal } from "@preact/signals";
import type { CheckpointStatus, TrunkStatus } from "../../src/protocol/api.ts";
import { formatCount, formatSize } from "../../src/report/format-count.ts";
import { formatAge, formatTime } from "../../src/report/format-time.ts";
import { describeStretch, placeOf } from "../../src/report/trunk-drawing.ts";
import { command } from "../state/live.ts";

const WIDTH = 1000;
const LINE_Y = 22;
const LEAST_GAP = 18;
const SIDE = 14;
/** Between checkpoints that are closer there is no room for a time. */
const LEAST_LABEL = 50;

/** One trunk: its checkpoints on a line as long as its start took, and as a table of the same. */
export function Checkpoints({ trunk }: { readonly trunk: TrunkStatus }) {
  const chosen = useSignal("");
  const { checkpoints } = trunk;
  const tip = checkpoints.findLast(({ isTip, isCurrent }) => isTip && isCurrent);
  const current = checkpoints.filter(({ isCurrent }) => isCurrent);
  const xs = placesOf(current);
  const choose = (id: string): void => {
    chosen.value = chosen.value === id ? "" : id;
  };
  return (
    <>
      <svg
        class="trunk"
        viewBox={`0 0 ${WIDTH} 46`}
        role="img"
        aria-label={`${current.length} checkpoints; the table below has them`}
      >
        <title>{trunk.command}</title>
        <line x1={SIDE} y1={LINE_Y} x2={xs.at(-1) ?? SIDE} y2={LINE_Y} />
        {current.map((checkpoint, at) => (
          <g key={checkpoint.id} class={checkpoint.id === chosen.value ? "chosen" : undefined}>
            <circle
              cx={xs[at]}
              cy={LINE_Y}
              r={checkpoint === tip ? 8 : 5}
              class={checkpoint === tip ? "tip" : undefined}
            />
            <text x={xs[at]} y={LINE_Y + 22} text-anchor="middle">
              {checkpoint === tip ? "tip" : at}
            </text>
            {checkpoint.next === null || (xs[at + 1] ?? 0) - (xs[at] ?? 0) < LEAST_LABEL ? null : (
              <text class="cost" x={((xs[at] ?? 0) + (xs[at + 1] ?? 0)) / 2} y={LINE_Y - 8} text-anchor="middle">
                {formatTime(checkpoint.next.durationMs)}
              </text>
            )}
          </g>
        ))}
      </svg>
      <table class="facts-table checkpoints">
        <thead>
          <tr>
            <th>#</th>
            <th>parked before</th>
            <th>runs next</th>
            <th>takes</th>
            <th>to rebuild</th>
            <th>age</th>
            <th>memory</th>
          </tr>
        </thead>
        <tbody>
          {checkpoints.map((checkpoint, at) => (
            <tr
              key={checkpoint.id}
              class={checkpoint.id === chosen.value ? "chosen" : undefined}
              onPointerEnter={() => choose(checkpoint.id)}
            >
              <td>{checkpoint === tip ? "◉" : checkpoint.isCurrent ? at : "·"}</td>
              <td>{placeOf(checkpoint, checkpoint === tip, command.value.root)}</td>
              <td>{checkpoint === tip ? formatCount(trunk.tests, "test") : describeStretch(checkpoint.next)}</td>
              <td class="time">{checkpoint.next === null ? "" : formatTime(checkpoint.next.durationMs)}</td>
              <td class="time">{checkpoint.rebuildMs === null ? "" : formatTime(checkpoint.rebuildMs)}</td>
              <td class="time">{formatAge(checkpoint.ageMs)}</td>
              <td class="time">{checkpoint.pssBytes === null ? "" : formatSize(checkpoint.pssBytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** Where each stands on the line: by the time that passed before it, but never on top of another one. */
function placesOf(current: readonly CheckpointStatus[]): readonly number[] {
  const wholeMs = current.reduce((sum, { next }) => sum + (next?.durationMs ?? 0), 0);
  const gaps = Math.max(0, current.length - 1);
  const room = WIDTH - 2 * SIDE - gaps * LEAST_GAP;
  let x = SIDE;
  return current.map(({ next }) => {
    const here = x;
    x += LEAST_GAP + (wholeMs === 0 ? 0 : ((next?.durationMs ?? 0) / wholeMs) * room);
    return here;
  });
}
