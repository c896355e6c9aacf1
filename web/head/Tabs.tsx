import type { ViewName } from "../state/address.ts";
import { viewName } from "../state/place.ts";

/** The views that there are, in the order of their keys. */
export const VIEWS: readonly (readonly [name: ViewName, label: string])[] = [
  ["tests", "Tests"],
  ["run", "Run"],
  ["trunk", "Trunk"],
  ["history", "History"],
];

/** The id of the tab of a view. */
export function tabId(name: ViewName): string {
  return `view-${name}`;
}

/** One tab a view. */
export function Tabs() {
  return (
    <nav aria-label="views">
      {VIEWS.map(([name, label], at) => (
        <button
          type="button"
          key={name}
          id={tabId(name)}
          class="tab"
          aria-current={viewName.value === name ? "page" : undefined}
          aria-keyshortcuts={String(at + 1)}
          onClick={() => {
            viewName.value = name;
          }}
        >
          <kbd>{at + 1}</kbd> {label}
        </button>
      ))}
    </nav>
  );
}
