import type { Tree } from "./build-tree.ts";

/** The rows that are shown, as a flat array, and where each stands among those beside it. */
export interface Rows {
  readonly nodes: Int32Array;
  /** From 1, among the shown nodes of the same parent. */
  readonly positions: Int32Array;
  /** How many shown nodes the same parent has, by row. */
  readonly sizes: Int32Array;
}

/** Which tests are wanted, by a part of their id and by their state; nothing set means all. */
export interface TestFilter {
  /** In lower case. */
  readonly text: string;
  readonly states: ReadonlySet<number>;
}

/** Marks the nodes with a wanted test in them; undefined where all are wanted. */
export function findWanted(
  tree: Tree,
  lowerIds: readonly string[],
  states: Uint8Array,
  filter: TestFilter,
): Uint8Array | undefined {
  if (filter.text === "" && filter.states.size === 0) return undefined;
  const words = filter.text.split(/\s+/).filter((word) => word !== "");
  const wanted = new Uint8Array(tree.names.length);
  for (let node = tree.names.length - 1; node >= 0; node -= 1) {
    const test = tree.tests[node] ?? -1;
    if (test !== -1 && isWanted(test)) wanted[node] = 1;
    const parent = tree.parents[node] ?? -1;
    if (wanted[node] === 1 && parent !== -1) wanted[parent] = 1;
  }
  return wanted;

  function isWanted(test: number): boolean {
    if (filter.states.size > 0 && !filter.states.has(states[test] ?? -1)) return false;
    const id = lowerIds[test] ?? "";
    return words.every((word) => id.includes(word));
  }
}

/** The rows of the wanted nodes whose parents are all open. */
export function visibleRows(tree: Tree, wanted: Uint8Array | undefined, isOpen: (node: number) => boolean): Rows {
  const nodes: number[] = [];
  const positions: number[] = [];
  const counts = new Int32Array(tree.names.length + 1);
  for (let node = 0; node < tree.names.length; ) {
    if (wanted !== undefined && wanted[node] !== 1) {
      node = tree.ends[node] ?? tree.names.length;
      continue;
    }
    const family = (tree.parents[node] ?? -1) + 1;
    counts[family] = (counts[family] ?? 0) + 1;
    nodes.push(node);
    positions.push(counts[family] ?? 0);
    node = isLeaf(tree, node) || isOpen(node) ? node + 1 : (tree.ends[node] ?? tree.names.length);
  }
  return {
    nodes: Int32Array.from(nodes),
    positions: Int32Array.from(positions),
    sizes: Int32Array.from(nodes, (node) => counts[(tree.parents[node] ?? -1) + 1] ?? 0),
  };
}

/** Whether nothing is in it. */
export function isLeaf(tree: Tree, node: number): boolean {
  return tree.ends[node] === node + 1;
}
