import type { OnNodes } from "../../protocol/on-nodes.ts";

/** Where a run's tests are to run, and what is said of that. */
export interface NodesWish {
  readonly on: OnNodes;
  /** The words that start a node side; empty for `prewarm node`. */
  readonly nodeCommand: readonly string[];
  /** The interpreter on the nodes; empty for the same path as here. */
  readonly nodePython: string;
  /** Variables that pass to the nodes, beside the fixed ones. */
  readonly variables: readonly string[];
  /** Whether interpreters and packages may differ. */
  readonly allowsDifferences: boolean;
  readonly patienceMs: number;
}
