/** A parked process, as far as placing a run needs to know it. */
export interface Checkpoint {
  readonly id: string;
  /** How many events of the timeline lie before it. */
  readonly index: number;
  /** Whether everything that was asked for is collected there. */
  readonly isTip: boolean;
  /** Why it cannot serve: the first thing before it that has changed; null when nothing has. */
  readonly stale: string | null;
}

/** Where a run starts, and why there. */
export type Placement =
  | { readonly kind: "tip"; readonly id: string; readonly reason: string }
  | { readonly kind: "resume"; readonly id: string; readonly reason: string }
  | { readonly kind: "start"; readonly reason: string };

/** Chooses the checkpoint from which the least has to be executed again, among those before which nothing has changed. */
export function place(checkpoints: readonly Checkpoint[]): Placement {
  const usable = checkpoints.filter(({ stale }) => stale === null);
  const tip = last(usable.filter(({ isTip }) => isTip));
  if (tip !== undefined) return { kind: "tip", id: tip.id, reason: "nothing that was loaded has changed" };
  const reason = staleReason(checkpoints);
  const checkpoint = last(usable);
  if (checkpoint !== undefined) return { kind: "resume", id: checkpoint.id, reason };
  return { kind: "start", reason };
}

function last(checkpoints: readonly Checkpoint[]): Checkpoint | undefined {
  return checkpoints.reduce<Checkpoint | undefined>(
    (best, each) => (best === undefined || each.index >= best.index ? each : best),
    undefined,
  );
}

// The newest tip is what the person worked with last: why that cannot serve is what they want to know.
function staleReason(checkpoints: readonly Checkpoint[]): string {
  const stale = checkpoints.filter((each) => each.stale !== null);
  const newest = stale.findLast(({ isTip }) => isTip) ?? stale.at(-1);
  return newest?.stale ?? "nothing is kept";
}
