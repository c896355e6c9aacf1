import type { Cuts } from "../protocol/agent-messages.ts";
import { type EditSigns, likelihoods } from "./likelihood.ts";
import { type CutItem, planCuts } from "./plan-cuts.ts";
import type { TimelineStep } from "./timeline.ts";

/** How many files get a cut of their own because they were edited. */
const MOST_EDITED = 8;

/** pytest's own start, between packages that are imported ahead and the first file of the project. */
const PYTEST_START_MS = 150;

/** What may be spent on checkpoints. */
export interface CutBudget {
  /** Cuts that may be chosen, those of the checkpoints that are there already left out. */
  readonly most: number;
  /** What a checkpoint has to save in each edit, on average. */
  readonly priceMs: number;
}

/** A timeline that is about to be executed, from its start or from a checkpoint. */
export interface ComingTimeline {
  /** What it executed the last time. */
  readonly steps: readonly TimelineStep[];
  /** Files that the checkpoint has executed. */
  readonly executed: ReadonlySet<string>;
  /** When the checkpoint was left; 0 for the start, null where it belongs to another timeline. */
  readonly startMs: number | null;
  /** Whether installed packages come before everything else. */
  readonly hasPackagesAhead: boolean;
  /** Whether a test file is going to be collected. */
  readonly isWanted: (path: string) => boolean;
  /** The files of the edit that it is executed for. */
  readonly justEdited: readonly string[];
  /** Files that somebody has chosen. */
  readonly checkpoints: readonly string[];
}

/**
 * Where a timeline of which nothing is known leaves checkpoints: before the project's first module, before each conftest,
 * before the first test file, before what was edited last, since that is edited again, and where somebody has chosen. `edited` is
 * in the order of the edits.
 */
export function placeCuts(edited: readonly string[], checkpoints: readonly string[]): Cuts {
  return {
    files: [...new Set([...latestOf(edited), ...checkpoints])],
    conftests: true,
    firstModule: true,
    firstTest: true,
  };
}

/** Where a known timeline leaves checkpoints: right before what was just edited, and where the least is executed again. */
export function placeCutsExactly(coming: ComingTimeline, signs: EditSigns, budget: CutBudget): Cuts {
  const reached = reachedFiles(coming);
  const weights = likelihoods([...reached.keys()], signs);
  const items = [...reached].map(([path, atMs], position): CutItem => ({ path, atMs, weight: weights[position] ?? 0 }));
  const justEdited = latestOf(coming.justEdited);
  const startMs = coming.startMs ?? items[0]?.atMs ?? 0;
  const endMs = items.at(-1)?.atMs ?? startMs;
  const { positions } = planCuts({
    ...budget,
    items,
    startMs,
    endMs,
    required: new Set([...justEdited, ...coming.checkpoints]),
  });
  const planned = positions.flatMap((position) => items[position]?.path ?? []);
  return {
    files: [...new Set([...justEdited, ...coming.checkpoints, ...planned])],
    ...{ conftests: false, firstModule: false, firstTest: false },
  };
}

/** Every file of the project that is still to come, and when: its path and the milliseconds from the timeline's start. */
function reachedFiles({ steps, executed, hasPackagesAhead, isWanted }: ComingTimeline): ReadonlyMap<string, number> {
  const reached = new Map<string, number>();
  let atMs = hasPackagesAhead ? PYTEST_START_MS : 0;
  for (const { kind, path, ownMs } of steps) {
    const isInstalled = kind === "library" || kind === "rewritten";
    if (isInstalled ? hasPackagesAhead : kind === "testfile" && path !== null && !isWanted(path)) continue;
    const isComing = !isInstalled && path !== null && !executed.has(path) && !reached.has(path);
    if (isComing) reached.set(path, atMs);
    atMs += ownMs;
  }
  return reached;
}

function latestOf(edited: readonly string[]): readonly string[] {
  return [...new Set(edited.toReversed())].slice(0, MOST_EDITED);
}
