import { computed, effect, signal } from "@preact/signals";
import type { RunRecord } from "../../src/protocol/events.ts";
import { TEST_STATES, type TestState } from "../../src/report/test-state.ts";
import { STATE_NUMBERS } from "../tests/roll-up.ts";
import { findWanted, isLeaf, type Rows, visibleRows } from "../tests/visible-rows.ts";
import { readAddress, type ViewName, writeAddress } from "./address.ts";
import { index, view } from "./live.ts";

/** So many tests are shown with all files open; of more only the folders are. */
const MANY_TESTS = 300;

const first = readAddress(location.hash);

/** Where the person is: all of it is in the address. */
export const viewName = signal<ViewName>(first.view);
export const search = signal(first.search);
export const wantedStates = signal<ReadonlySet<TestState>>(
  new Set(TEST_STATES.filter((each) => first.states.includes(each))),
);
/** The key of the selected node; empty for none. */
export const selected = signal(first.selected);
export const tab = signal(first.tab);
/** Nodes that the person has opened or closed, by key. */
const toggled = signal<ReadonlyMap<string, boolean>>(new Map());

effect(() => {
  const states = [...wantedStates.value];
  const address = { view: viewName.value, search: search.value, states, selected: selected.value, tab: tab.value };
  history.replaceState(null, "", writeAddress(address));
});

let known: RunRecord | undefined;

/** The record of the run that ended last, also while another one goes on. */
const lastEnd = computed(() => {
  known = view.value.run?.record ?? known;
  return known;
});

/** Filters by state look at the states when a run ends or the filter is set: during a run no row changes its place. */
const settledStates = computed(() => {
  wantedStates.value;
  tree.value;
  lastEnd.value;
  return index.peek().states;
});

const tree = computed(() => index.value.tree);

const wanted = computed(() => {
  const states = new Set([...wantedStates.value].map((state) => STATE_NUMBERS[state]));
  const filter = { text: search.value.trim().toLowerCase(), states };
  return findWanted(tree.value, index.peek().lowerIds, settledStates.value, filter);
});

/** The rows of the tree. */
export const rows = computed<Rows>(() => visibleRows(tree.value, wanted.value, isOpen));

/** Whether what is in a node is shown. */
export function isOpen(node: number): boolean {
  const { keys, kinds, tests } = tree.value;
  const told = toggled.value.get(keys[node] ?? "");
  if (told !== undefined) return told;
  if (wanted.value !== undefined || index.peek().ids.length <= MANY_TESTS) return true;
  return kinds[node] === "folder" && tests[node] === -1;
}

/** Opens or closes a node. */
export function toggle(node: number, open: boolean): void {
  const { keys } = tree.value;
  if (!isLeaf(tree.value, node)) toggled.value = new Map(toggled.value).set(keys[node] ?? "", open);
}

/** Selects a node, and opens all that it is in. */
export function reveal(key: string): void {
  const { parents, keys, places } = tree.value;
  const opened = new Map(toggled.value);
  let node = parents[places.get(key) ?? -1] ?? -1;
  for (; node !== -1; node = parents[node] ?? -1) if (!isOpen(node)) opened.set(keys[node] ?? "", true);
  if (opened.size !== toggled.value.size) toggled.value = opened;
  selected.value = key;
}

/** Shows tests in this state, too, or no more. */
export function toggleState(state: TestState): void {
  const states = new Set(wantedStates.value);
  if (!states.delete(state)) states.add(state);
  wantedStates.value = states;
}

/** Shows all tests again. */
export function clearFilter(): void {
  search.value = "";
  wantedStates.value = new Set();
}
