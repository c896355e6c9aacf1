import type { HttpAnswer } from "../../src/protocol/http-schema.ts";
import { formatTime } from "../../src/report/format-time.ts";
import { STATE_MARKS } from "../../src/report/test-state.ts";

/** The outcomes of one test on record, the newest first. */
export function Past({ past }: { readonly past: HttpAnswer<"Test">["past"] }) {
  if (past.length === 0) return <p class="empty">No outcome of this test is on record.</p>;
  const longestMs = Math.max(...past.map(({ durationMs }) => durationMs), 0.001);
  return (
    <table class="past">
      <thead>
        <tr>
          <th>run</th>
          <th>outcome</th>
          <th>time</th>
          <th />
        </tr>
      </thead>
      <tbody>
        {past.map(({ run, outcome, durationMs }) => (
          <tr key={run}>
            <td>{run}</td>
            <td class={`s-${outcome}`}>
              <span class="mark">{STATE_MARKS[outcome]}</span> {outcome}
            </td>
            <td class="time">{formatTime(durationMs)}</td>
            <td>
              <meter min={0} max={longestMs} value={durationMs} aria-hidden="true" />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
