import { formatTime } from "../../src/report/format-time.ts";
import type { Lane } from "../../src/report/run-lanes.ts";
import { STATE_MARKS } from "../../src/report/test-state.ts";
import { showTest } from "../state/commands.ts";

const MOST = 20;

/** The tests that took longest, as a table: whoever cannot see the picture reads the same here. */
export function LongestTests({ lanes }: { readonly lanes: readonly Lane[] }) {
  const all = lanes.flatMap(({ worker, tests }) => tests.map((test) => ({ ...test, worker })));
  const longest = all.toSorted((one, other) => other.endMs - other.startMs - (one.endMs - one.startMs)).slice(0, MOST);
  if (longest.length === 0) return null;
  return (
    <section aria-label="longest tests">
      <h2>The longest tests</h2>
      <table class="facts-table">
        <thead>
          <tr>
            <th>time</th>
            <th>test</th>
            <th>worker</th>
            <th>began</th>
          </tr>
        </thead>
        <tbody>
          {longest.map(({ id, outcome, startMs, endMs, worker }) => (
            <tr key={id}>
              <td class="time">{formatTime(endMs - startMs)}</td>
              <td class={`s-${outcome}`}>
                <span class="mark">{STATE_MARKS[outcome]}</span>
                <button type="button" class="link" onClick={() => showTest(id)}>
                  {id}
                </button>
              </td>
              <td>{worker === "" ? "leader" : worker}</td>
              <td class="time">{formatTime(startMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
