/** What a parked process holds by itself: 3 to 25 MiB were measured, most of it where it lies within a large import. */
const PROCESS_BYTES = 24 * 2 ** 20;

/** Parked processes may take this share of what is free. */
const SHARE = 1 / 8;

const MOST_CUTS = 12;

/** Beside the chosen cuts: the start, the packages, the tip, and the branches of states before. */
const OTHER_PROCESSES = 8;

/** Worth of a parked process where memory is plenty: what it saves below this is not felt, and its memory is. */
const PRICE_MS = 60;

/** What may be kept while so much memory is free. */
export interface MemoryBudget {
  /** Cuts of one timeline. */
  readonly mostCuts: number;
  /** What a cut has to save in each edit, on average. */
  readonly priceMs: number;
  /** Parked processes of one trunk, branches of earlier states among them. */
  readonly mostProcesses: number;
  /** Whether the state before the last edit is kept, so that an undo finds its tip. */
  readonly keepsPrevious: boolean;
}

/** Fewer cuts, each of which has to save more, the less memory is free; null where the system does not tell. */
export function budgetFor(availableBytes: number | null): MemoryBudget {
  const affordable = availableBytes === null ? MOST_CUTS : Math.floor((availableBytes * SHARE) / PROCESS_BYTES);
  const mostCuts = Math.min(MOST_CUTS, Math.max(1, affordable));
  return {
    mostCuts,
    priceMs: (PRICE_MS * MOST_CUTS) / mostCuts,
    keepsPrevious: mostCuts === MOST_CUTS,
    mostProcesses: mostCuts + Math.min(OTHER_PROCESSES, Math.max(3, affordable)),
  };
}
