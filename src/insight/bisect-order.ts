import type { NodeId } from "../protocol/ids.ts";

/** Runs these tests in this order with the one that is looked at behind them, and resolves with whether that fails. */
export type Trial = (before: readonly NodeId[]) => Promise<boolean>;

/** What a search for an order came to. */
export type OrderFinding =
  /** It does the same alone and behind all others. */
  | { readonly kind: "no-order"; readonly fails: boolean }
  /** The fewest tests that make it fail, or pass, when they run before it: without any one of them it does not. */
  | { readonly kind: "found"; readonly fails: boolean; readonly before: readonly NodeId[] }
  /** It did not do the same twice in the same order: no search could end. */
  | { readonly kind: "unsteady" };

/**
 * Finds the tests whose running before one test changes what it does. Halves are tried first, so one culprit among many
 * takes about the logarithm of their number; several that only act together take more trials.
 */
export async function findOrder(before: readonly NodeId[], trial: Trial): Promise<OrderFinding> {
  const failsAlone = await trial([]);
  const failsBehindAll = await trial(before);
  if (failsAlone === failsBehindAll) return { kind: "no-order", fails: failsAlone };
  const acts = async (part: readonly NodeId[]) => (await trial(part)) === failsBehindAll;
  const found = await fewest(before, acts);
  const isSteady = (await acts(found)) && !(await acts([]));
  return isSteady ? { kind: "found", fails: failsBehindAll, before: found } : { kind: "unsteady" };
}

/** A part of a list that still acts, and does not without any one of its members. The whole list acts, the empty one does not. */
export async function fewest<T>(
  all: readonly T[],
  acts: (part: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let kept = all;
  let parts = 2;
  while (kept.length > 1) {
    const size = Math.ceil(kept.length / parts);
    const smaller = await firstThatActs(kept, size, acts);
    if (smaller !== undefined) {
      parts = smaller.isComplement ? Math.max(2, parts - 1) : 2;
      kept = smaller.part;
    } else if (size === 1) break;
    else parts = Math.min(kept.length, 2 * parts);
  }
  return kept;
}

async function firstThatActs<T>(
  all: readonly T[],
  size: number,
  acts: (part: readonly T[]) => Promise<boolean>,
): Promise<{ readonly part: readonly T[]; readonly isComplement: boolean } | undefined> {
  // What runs last before a test is the likeliest to matter.
  const starts = Array.from({ length: Math.ceil(all.length / size) }, (_, index) => index * size).toReversed();
  for (const start of starts) {
    const part = all.slice(start, start + size);
    if (await acts(part)) return { part, isComplement: false };
  }
  // With two parts, each is the other's complement.
  if (starts.length <= 2) return undefined;
  for (const start of starts) {
    const part = [...all.slice(0, start), ...all.slice(start + size)];
    if (await acts(part)) return { part, isComplement: true };
  }
  return undefined;
}
