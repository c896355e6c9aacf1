/** Something of the project that a timeline executes and that can be edited. Items come in the order of the timeline. */
export interface CutItem {
  readonly path: string;
  /** Milliseconds between the start of the timeline and the moment just before this is executed. */
  readonly atMs: number;
  /** How likely it is to be edited next, compared with the others; any unit. */
  readonly weight: number;
}

/** Where cuts are wanted, and what they cost. */
export interface CutQuestion {
  readonly items: readonly CutItem[];
  /** Where the timeline is cut in any case: what is edited before the first chosen cut is executed again from there. */
  readonly startMs: number;
  /** When the timeline reaches its tip. */
  readonly endMs: number;
  /** Cuts that may be chosen. */
  readonly most: number;
  /** What a parked process has to save in each edit, on average, to be worth its memory and its fork. */
  readonly priceMs: number;
  /** Items that get their cut at any price; there may be more of them than `most`. */
  readonly required: ReadonlySet<string>;
}

/** The chosen cuts, each just before an item. */
export interface CutPlan {
  /** Positions in `items`, ascending. */
  readonly positions: readonly number[];
  /** Expected time from an edit to the tip: what has to be executed again. */
  readonly expectedMs: number;
}

/**
 * Chooses the cuts that minimise the expected time to execute again, their price included. Exact.
 *
 * Editing an item costs the time from the latest cut before it to the end, so a cut at `s` that serves the items up to `e`
 * gains `t(s) * (W(e) - W(s))`, with `W` the weight of everything before a position. For each number of cuts the best
 * last cut is therefore the highest of a set of lines at `W(e)`. Lines come with growing slopes and are asked at growing
 * places, so one pass over their upper hull answers all: O(items * cuts).
 */
export function planCuts(question: CutQuestion): CutPlan {
  const { items, required, priceMs } = question;
  const count = items.length;
  const times = new Float64Array(count);
  items.forEach(({ atMs }, position) => {
    times[position] = Math.max(0, atMs - question.startMs);
  });
  const before = weightsBefore(items);
  const isRequired = items.map(({ path }) => required.has(path));
  const layers = Math.max(question.most, isRequired.filter(Boolean).length);
  const origins: Int32Array[] = [];
  let best = withoutCuts(isRequired);
  for (let layer = 0; layer < layers; layer += 1) {
    const { gains, origin } = withOneMore(best, times, before, isRequired, priceMs);
    origins.push(origin);
    best = gains;
  }
  const positions: number[] = [];
  for (let layer = layers - 1, end = count; layer >= 0; layer -= 1) {
    const cut = origins[layer]?.[end] ?? NO_CUT;
    if (cut === NO_CUT) continue;
    positions.unshift(cut);
    end = cut;
  }
  return { positions, expectedMs: expectedTime(question, positions) };
}

const NO_CUT = -1;

/** What it takes on average, after the edit of one item, to come to the tip again from these cuts. */
export function expectedTime(
  { items, startMs, endMs }: Pick<CutQuestion, "items" | "startMs" | "endMs">,
  positions: readonly number[],
): number {
  const cuts = new Set(positions);
  let fromMs = startMs;
  let weighted = 0;
  let total = 0;
  items.forEach(({ atMs, weight }, position) => {
    if (cuts.has(position)) fromMs = Math.max(fromMs, atMs);
    weighted += weight * (endMs - fromMs);
    total += weight;
  });
  return total === 0 ? 0 : weighted / total;
}

/** The share of all weight that lies before each position, and before the end. */
function weightsBefore(items: readonly CutItem[]): Float64Array {
  const total = items.reduce((sum, { weight }) => sum + weight, 0) || 1;
  const before = new Float64Array(items.length + 1);
  items.forEach(({ weight }, position) => {
    before[position + 1] = (before[position] ?? 0) + weight / total;
  });
  return before;
}

/** Gains of every prefix that is not cut at all: none, and impossible from the first required cut on. */
function withoutCuts(isRequired: readonly boolean[]): Float64Array {
  const first = isRequired.indexOf(true);
  const gains = new Float64Array(isRequired.length + 1);
  if (first !== -1) gains.fill(Number.NEGATIVE_INFINITY, first + 1);
  return gains;
}

/**
 * Gains of every prefix with one cut more, where that is worth it, and where that cut is. One plain loop over typed arrays:
 * it mostly runs once, before anything could be compiled well.
 */
function withOneMore(
  fewer: Float64Array,
  times: Float64Array,
  before: Float64Array,
  isRequired: readonly boolean[],
  priceMs: number,
): { readonly gains: Float64Array; readonly origin: Int32Array } {
  const count = times.length;
  const gains = fewer.slice();
  const origin = new Int32Array(count + 1).fill(NO_CUT);
  // The upper hull: each line is a last cut, from `first` to `last`; those before `first` are never the highest again.
  const cuts = new Int32Array(count);
  const offsets = new Float64Array(count);
  let first = 0;
  let last = -1;
  for (let cut = 0; cut < count; cut += 1) {
    // Nothing before a required cut can serve what comes after it.
    if (isRequired[cut]) first = last + 1;
    const slope = times[cut] ?? 0;
    const gainBefore = fewer[cut] ?? 0;
    if (gainBefore !== Number.NEGATIVE_INFINITY) {
      const offset = gainBefore - slope * (before[cut] ?? 0) - priceMs;
      while (last >= first) {
        const lastSlope = times[cuts[last] ?? 0] ?? 0;
        const lastOffset = offsets[last] ?? 0;
        if (slope === lastSlope) {
          if (offset < lastOffset) break;
        } else {
          if (last === first) break;
          const previousSlope = times[cuts[last - 1] ?? 0] ?? 0;
          const previousOffset = offsets[last - 1] ?? 0;
          const isHidden =
            (previousOffset - offset) * (lastSlope - previousSlope) <=
            (previousOffset - lastOffset) * (slope - previousSlope);
          if (!isHidden) break;
        }
        last -= 1;
      }
      // A lower line of the same slope is never the highest.
      const isLower = last >= first && slope === (times[cuts[last] ?? 0] ?? 0);
      if (!isLower) {
        last += 1;
        cuts[last] = cut;
        offsets[last] = offset;
      }
    }
    if (last < first) continue;
    const place = before[cut + 1] ?? 0;
    let highest = (times[cuts[first] ?? 0] ?? 0) * place + (offsets[first] ?? 0);
    while (first < last) {
      const next = (times[cuts[first + 1] ?? 0] ?? 0) * place + (offsets[first + 1] ?? 0);
      if (next < highest) break;
      highest = next;
      first += 1;
    }
    if (highest > (gains[cut + 1] ?? 0)) {
      gains[cut + 1] = highest;
      origin[cut + 1] = cuts[first] ?? NO_CUT;
    }
  }
  return { gains, origin };
}
