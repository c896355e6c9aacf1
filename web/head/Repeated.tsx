import { formatNumber } from "../../src/report/format-count.ts";
import { endRepetition, repetition } from "../state/repetition.ts";

/** What repeated runs have come to so far. */
export function Repeated() {
  const { value } = repetition;
  if (value === undefined) return null;
  const { key, times, done, passed, isOver } = value;
  const failed = done - passed;
  return (
    <p class="repeated">
      <span>
        {isOver ? "Repeated" : "Repeating"} <b>{key.split("::").at(-1)}</b>: {formatNumber(done)} of{" "}
        {formatNumber(times)}
        {" · "}
        <span class="pass">✓ {formatNumber(passed)} passed</span>
        {failed === 0 ? null : <span class="fail"> · ✗ {formatNumber(failed)} failed</span>}
      </span>
      {isOver ? (
        <button
          type="button"
          onClick={() => {
            repetition.value = undefined;
          }}
        >
          Close
        </button>
      ) : (
        <button type="button" onClick={endRepetition}>
          Stop
        </button>
      )}
    </p>
  );
}
