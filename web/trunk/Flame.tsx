import { useSignal } from "@preact/signals";
import { formatCount } from "../../src/report/format-count.ts";
import { formatTime } from "../../src/report/format-time.ts";
import type { Part } from "./parts.ts";

/** Narrower parts are drawn together: nobody could point at one. */
const LEAST_SHARE = 0.002;
/** Names of narrower parts would be cut to a letter. */
const LEAST_NAMED = 0.025;
const MOST_LISTED = 30;

/** The parts of a start side by side, as wide as they took long. */
export function Flame({ parts }: { readonly parts: readonly Part[] }) {
  const pointed = useSignal<Part | undefined>(undefined);
  const wholeMs = parts.reduce((sum, { ms }) => sum + ms, 0);
  const drawn = gatherNarrow(parts, wholeMs * LEAST_SHARE);
  const longest = parts.toSorted((one, other) => other.ms - one.ms).slice(0, MOST_LISTED);
  const { value } = pointed;
  return (
    <>
      <div
        class="flame"
        role="img"
        aria-label={`${formatTime(wholeMs)} in ${parts.length} parts; the table below has the longest`}
      >
        {drawn.map((part, at) => (
          <div
            key={at}
            class={`part ${part.kind}`}
            style={{ flexGrow: part.ms }}
            onPointerEnter={() => {
              pointed.value = part;
            }}
          >
            {part.ms > wholeMs * LEAST_NAMED ? part.name : ""}
          </div>
        ))}
      </div>
      <p class="muted">
        {value === undefined
          ? `${formatTime(wholeMs)} · width = seconds · ▤ installed · □ project · ▦ conftests · ▧ tests`
          : `${value.name} · ${formatTime(value.ms)} · ${formatCount(value.steps, "module")}`}
      </p>
      <table class="facts-table">
        <thead>
          <tr>
            <th>time</th>
            <th>part</th>
            <th>kind</th>
            <th>modules</th>
          </tr>
        </thead>
        <tbody>
          {longest.map(({ kind, name, ms, steps }, at) => (
            <tr key={`${name} ${at}`}>
              <td class="time">{formatTime(ms)}</td>
              <td>{name}</td>
              <td class="muted">{kind}</td>
              <td class="time">{steps}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function gatherNarrow(parts: readonly Part[], leastMs: number): readonly Part[] {
  const drawn: Part[] = [];
  for (const part of parts) {
    const last = drawn.at(-1);
    const isNarrow = part.ms < leastMs && last !== undefined && last.ms < leastMs;
    if (!isNarrow || last === undefined) drawn.push(part);
    else drawn[drawn.length - 1] = { ...last, name: "…", ms: last.ms + part.ms, steps: last.steps + part.steps };
  }
  return drawn;
}
