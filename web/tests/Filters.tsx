import { formatNumber } from "../../src/report/format-count.ts";
import { STATE_MARKS, TEST_STATES } from "../../src/report/test-state.ts";
import { index } from "../state/live.ts";
import { clearFilter, search, toggleState, wantedStates } from "../state/place.ts";
import { STATE_NUMBERS } from "./roll-up.ts";

/** States that are there even where no test is in them: whoever looks for them reads 0. */
const ALWAYS = new Set(["failed", "passed", "not run"]);

export const SEARCH_ID = "search";

/** The search by name, and one button a state. */
export function Filters() {
  const { counts } = index.value;
  const states = TEST_STATES.filter(
    (state) => ALWAYS.has(state) || wantedStates.value.has(state) || (counts[STATE_NUMBERS[state]] ?? 0) > 0,
  );
  const isFiltered = search.value !== "" || wantedStates.value.size > 0;
  return (
    <div class="filters">
      <div class="search">
        <input
          id={SEARCH_ID}
          type="search"
          placeholder="/ search"
          aria-label="Search tests by name"
          autocomplete="off"
          spellcheck={false}
          value={search.value}
          onInput={(event) => {
            search.value = event.currentTarget.value;
          }}
        />
        <button type="button" disabled={!isFiltered} onClick={clearFilter}>
          <kbd>esc</kbd> Show all
        </button>
      </div>
      <div class="states">
        {states.map((state) => (
          <button
            type="button"
            key={state}
            class={`state s-${state.replace(" ", "-")}`}
            aria-pressed={wantedStates.value.has(state)}
            onClick={() => toggleState(state)}
          >
            <span class="mark">{STATE_MARKS[state]}</span> {state} {formatNumber(counts[STATE_NUMBERS[state]] ?? 0)}
          </button>
        ))}
      </div>
    </div>
  );
}
