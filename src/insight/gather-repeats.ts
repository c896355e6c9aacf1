import type { Outcome } from "../protocol/events.ts";
import type { PastRunFacts } from "../protocol/past.ts";

/** One run, or the repeats of one command, with the outcomes of all of them. */
export interface GatheredRun extends PastRunFacts {
  /** The id of the first repeat; that of the last is `id`. */
  readonly firstId: number;
  readonly repeats: number;
}

/** Repeats of one command follow each other, and each is on record with its even part of the time: two runs never take the same one. */
export function gatherRepeats(runs: readonly PastRunFacts[]): readonly GatheredRun[] {
  const gathered: GatheredRun[] = [];
  for (const run of runs) {
    const last = gathered.at(-1);
    if (last === undefined || !isSameCommand(last, run)) gathered.push({ ...run, firstId: run.id, repeats: 1 });
    else
      gathered[gathered.length - 1] = {
        ...last,
        firstId: run.id,
        repeats: last.repeats + 1,
        counts: addCounts(last.counts, run.counts),
      };
  }
  return gathered;
}

function isSameCommand(one: PastRunFacts, other: PastRunFacts): boolean {
  return one.durationMs === other.durationMs && one.args.join("\0") === other.args.join("\0");
}

function addCounts(one: PastRunFacts["counts"], other: PastRunFacts["counts"]): PastRunFacts["counts"] {
  const outcomes = new Set([...Object.keys(one), ...Object.keys(other)] as Outcome[]);
  return Object.fromEntries([...outcomes].map((outcome) => [outcome, (one[outcome] ?? 0) + (other[outcome] ?? 0)]));
}
