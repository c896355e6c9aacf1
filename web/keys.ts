import { isHelpOpen } from "./head/Help.tsx";
import { tabId, VIEWS } from "./head/Tabs.tsx";
import { nextFailure, openInEditor, runAll, runFailed, runNotRun, runSelected } from "./state/commands.ts";
import { clearFilter, search, selected, tab, viewName, wantedStates } from "./state/place.ts";
import { stopAll } from "./state/repetition.ts";
import { SEARCH_ID } from "./tests/Filters.tsx";
import { TREE_ID } from "./tests/TestTree.tsx";

const ACTIONS: Readonly<Record<string, () => void>> = {
  a: runAll,
  f: runFailed,
  u: runNotRun,
  c: stopAll,
  r: runSelected,
  n: () => {
    nextFailure();
    // Whoever has no mouse sees where the keys go.
    if (document.activeElement === document.body) focusSoon(TREE_ID);
  },
  e: openInEditor,
  w: () => {
    viewName.value = "tests";
    tab.value = "Why";
  },
  "/": () => {
    viewName.value = "tests";
    focusSoon(SEARCH_ID);
  },
  "?": () => {
    isHelpOpen.value = true;
  },
};

/** The keys that work wherever the focus is: those of the terminal, and those of a page. */
export function listenToKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]") !== null) return;
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (event.key === "Escape") {
      goBack();
      return;
    }
    if (event.target instanceof HTMLInputElement) {
      if (event.key !== "ArrowDown" && event.key !== "Enter") return;
      event.preventDefault();
      focusSoon(TREE_ID);
      return;
    }
    const [name] = VIEWS[Number(event.key) - 1] ?? [];
    const act = name === undefined ? ACTIONS[event.key] : () => show(name);
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
}

/** What had the focus may leave with its view: then the new one has it. */
function show(name: (typeof VIEWS)[number][0]): void {
  viewName.value = name;
  focusSoon(...(name === "tests" ? [TREE_ID, "detail"] : [tabId(name)]));
}

/** One step back: out of a view, out of the detail, out of the filter, out of the selection. */
function goBack(): void {
  const { activeElement } = document;
  const isInDetail = activeElement?.closest("#detail") != null;
  if (viewName.value !== "tests") show("tests");
  else if (isInDetail) {
    // In a narrow window the detail is in the place of the tree.
    if (document.getElementById(TREE_ID)?.checkVisibility() !== true) selected.value = "";
    focusSoon(TREE_ID);
  } else if (search.value !== "" || wantedStates.value.size > 0) {
    clearFilter();
    focusSoon(TREE_ID);
  } else selected.value = "";
}

/**
 * Leads to the first of these that is seen. Where none is there yet, what was changed is drawn before the next key comes in:
 * whoever types on would lose letters, or call other keys with them.
 */
function focusSoon(...ids: readonly string[]): void {
  if (!focusFirst(ids)) queueMicrotask(() => focusFirst(ids) || requestAnimationFrame(() => focusFirst(ids)));
}

function focusFirst(ids: readonly string[]): boolean {
  const seen = ids.map((id) => document.getElementById(id)).find((each) => each?.checkVisibility() === true);
  seen?.focus();
  return seen !== undefined;
}
