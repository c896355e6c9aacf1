import type { CutBudget } from "./cuts.ts";
import { type EditSigns, likelihoods } from "./likelihood.ts";
import { planCuts } from "./plan-cuts.ts";

/** A cut that is there already costs no fork any more, and a plan that wavers would make and end the same one again and again. */
const PRICE_SHARE = 0.5;

/** A checkpoint that a timeline has left, and the file that comes next; null where that is none. */
export interface LeftCut {
  readonly path: string | null;
  readonly atMs: number;
}

/** A timeline that has reached its tip, and its cuts in their order. */
export interface PastTimeline {
  readonly cuts: readonly LeftCut[];
  /** What it has executed, in its order, each with the time when its turn came. */
  readonly files: readonly { readonly path: string; readonly atMs: number }[];
  /** From where everything is executed again without any of these cuts. */
  readonly startMs: number;
  readonly endMs: number;
  readonly justEdited: readonly string[];
}

/** Which of the cuts are worth their memory, by their positions: a plan that may only choose among those that are there. */
export function cutsWorthKeeping(past: PastTimeline, signs: EditSigns, budget: CutBudget): ReadonlySet<number> {
  const { cuts, files, startMs, endMs, justEdited } = past;
  const weights = likelihoods(
    files.map(({ path }) => path),
    signs,
  );
  const behind = cuts.map(() => 0);
  for (const [index, { atMs }] of files.entries()) {
    const cut = cuts.findLastIndex((each) => each.atMs <= atMs);
    if (cut !== -1) behind[cut] = (behind[cut] ?? 0) + (weights[index] ?? 0);
  }
  // What lies before the first cut counts, too: it shares in the chances, and no cut helps it.
  const before = 1 - behind.reduce((sum, weight) => sum + weight, 0);
  const items = [
    { path: "", atMs: startMs, weight: Math.max(0, before) },
    ...cuts.map(({ atMs }, position) => ({ path: String(position), atMs, weight: behind[position] ?? 0 })),
  ];
  const required = new Set(
    cuts.flatMap(({ path }, position) => (path !== null && justEdited.includes(path) ? [String(position)] : [])),
  );
  const priceMs = budget.priceMs * PRICE_SHARE;
  const { positions } = planCuts({ items, startMs, endMs, most: budget.most, priceMs, required });
  return new Set(positions.map((position) => position - 1).filter((position) => position >= 0));
}
