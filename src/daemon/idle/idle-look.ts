import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { FinishedRun, IdleComparison } from "../../protocol/api.ts";
import { describeIdleComparison } from "../../report/idle-check-words.ts";
import { launchWords } from "../../report/launch-words.ts";
import { type Difference, verifyOutcomes, type WarmSide } from "../../report/verification.ts";
import { runCold } from "../../verify/cold-run.ts";
import { keepEvidence } from "../../verify/evidence.ts";
import { VERIFY_FOLDER } from "../../verify/last-comparison.ts";
import { lowPriorityWords } from "../../verify/low-priority.ts";

/** Evidence of more defects than this is not kept: the oldest goes. */
const MOST_KEPT = 5;

/** One look: which tests, what is compared already, and what an earlier look has found that is to be confirmed. */
export interface Look {
  readonly run: FinishedRun;
  readonly ids: readonly string[] | null;
  readonly suspects: readonly Difference[];
  readonly comparedBefore: ReadonlySet<string>;
  readonly abort: AbortSignal;
}

/** What a look found: outcomes that are the same now, and differences, which a second look has to confirm. */
export interface Found {
  readonly comparison: IdleComparison;
  readonly compared: readonly string[];
  readonly differences: readonly Difference[];
}

/** Runs these tests cold, and compares what they come to with what the run stands by. */
export async function look(stateFolder: string, { run, ids, suspects, comparedBefore, abort }: Look): Promise<Found> {
  const parent = join(stateFolder, VERIFY_FOLDER);
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "look-"));
  let evidence: string | null = null;
  try {
    const wrap = lowPriorityWords(process.env.PATH);
    const cold = await runCold(run, folder, { wrap, sample: ids, abort });
    abort.throwIfAborted();
    const warm = warmSide(run, ids);
    const { differences } = verifyOutcomes(warm, cold);
    const isSecond = suspects.length > 0;
    const confirmed = differences.filter((each) => suspects.some((one) => isSame(one, each)));
    const told = isSecond ? (confirmed.length > 0 ? confirmed : suspects) : differences;
    const verdict = confirmed.length > 0 ? "different" : told.length > 0 ? "unsteady" : "equal";
    const compared = ids ?? [...warm.outcomes.keys()];
    const atMs = Date.now();
    // A difference that was seen once has to be seen again.
    if (isSecond) evidence = join(parent, `${verdict}-${new Date(atMs).toISOString().replaceAll(":", "")}`);
    const comparison: IdleComparison = {
      ...{ atMs, verdict, evidence, differences: told, coldMs: cold.durationMs, isTold: false },
      command: launchWords(run.launch).join(" "),
      compared: new Set([...comparedBefore, ...compared]).size,
      of: Object.keys(run.outcomes).length,
    };
    if (evidence !== null) {
      const exits = { prewarm: warm.exit, cold: cold.exit };
      const both = { prewarm: Object.fromEntries(warm.outcomes), cold: Object.fromEntries(cold.outcomes), exits };
      keepEvidence(folder, both, describeIdleComparison(comparison, atMs));
      renameSync(folder, evidence);
      forgetOldest(parent);
    }
    return { comparison, compared, differences: isSecond ? [] : differences };
  } finally {
    // Where it has become evidence, it lies elsewhere now.
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What is left of looks that did not come to their end, by the death of a daemon. */
export function removeLooks(stateFolder: string): void {
  const parent = join(stateFolder, VERIFY_FOLDER);
  for (const name of namesIn(parent))
    if (name.startsWith("look-")) rmSync(join(parent, name), { recursive: true, force: true });
}

function forgetOldest(parent: string): void {
  const kept = namesIn(parent).filter((name) => /^(?:different|unsteady)-/.test(name));
  const byAge = kept.toSorted((one, other) => (stamp(one) < stamp(other) ? -1 : 1));
  for (const name of byAge.slice(0, -MOST_KEPT)) rmSync(join(parent, name), { recursive: true, force: true });
}

function stamp(name: string): string {
  return name.slice(name.indexOf("-") + 1);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isSame(one: Difference, other: Difference): boolean {
  return one.key === other.key && one.warm === other.warm && one.cold === other.cold;
}

function warmSide({ record, outcomes, outdated, selection }: FinishedRun, ids: readonly string[] | null): WarmSide {
  const all = Object.entries(outcomes);
  const wanted = ids === null ? null : new Set(ids);
  return {
    ...{ exit: record.exit ?? 0, way: record.way, durationMs: record.durationMs, outdated: new Set(outdated) },
    outcomes: new Map(wanted === null ? all : all.filter(([id]) => wanted.has(id))),
    selection: wanted === null ? selection : "chosen",
  };
}
