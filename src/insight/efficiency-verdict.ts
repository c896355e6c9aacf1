import { formatCount } from "../report/format-count.ts";
import { formatTime } from "../report/format-time.ts";
import type { Efficiency } from "./efficiency.ts";

/** Workers that end further apart than this part of the wall time wait for one of them. */
const WIDE_SPREAD = 0.15;
/** Below this, workers stand still too much. */
const LOW_EFFICIENCY = 0.9;
/** Less work than this takes longer to share than it saves. */
const WORTH_SHARING_MS = 50;
/** A test that takes this part of the wall time is all that the run waits for. */
const ALL_OF_IT = 0.85;
/** From here on more workers have no processor to run on. */
const SATURATED = 0.85;

/** What is to be concluded from the numbers of a run; `docs/insight.md` has the rules. */
export interface EfficiencyVerdict {
  readonly kind: "straggler" | "low-efficiency" | "cpu-bound" | "more-workers" | "right";
  readonly text: string;
}

/** The first rule that applies. `cores` are those that the run may use. */
export function judgeEfficiency(found: Efficiency, cores: number): EfficiencyVerdict {
  const wanted = Math.max(1, Math.min(Math.ceil(cores / Math.max(found.cpuShare, 0.01)), found.tests, 4 * cores));
  const formula = `${cores} cores / ${percent(found.cpuShare)} of a core each = ${wanted}`;
  if (found.workers > 1 && found.floor.ms >= ALL_OF_IT * found.wallMs) {
    const { id, ms } = found.floor;
    const text = `straggler: ${id} takes ${formatTime(ms)} of ${formatTime(found.wallMs)}; no run is quicker than its longest test`;
    return { kind: "straggler", text };
  }
  if (found.workers > 1 && found.spread > WIDE_SPREAD) {
    const text = `straggler: workers end ${percent(found.spread)} of the time apart; what runs last is too long, or bound to one worker`;
    return { kind: "straggler", text };
  }
  if (found.workers > 1 && found.efficiency < LOW_EFFICIENCY) {
    const idle = formatTime(found.handOutMs + found.tailMs);
    return {
      kind: "low-efficiency",
      text: `low efficiency: ${idle} of worker time lost; with tests this short, fewer workers lose less`,
    };
  }
  if (found.saturation >= SATURATED) {
    const text = `CPU-bound: the tests use ${percent(found.saturation)} of ${cores} cores; only less work makes them quicker`;
    return { kind: "cpu-bound", text };
  }
  if (wanted > found.workers && found.workMs >= WORTH_SHARING_MS) {
    return { kind: "more-workers", text: `-n ${wanted} would keep all cores busy: ${formula}` };
  }
  if (wanted > found.workers)
    return { kind: "right", text: `${formatTime(found.workMs)} of work is not worth more workers` };
  return { kind: "right", text: `${formatCount(found.workers, "worker")} keep all cores busy: ${formula}` };
}

/** A part as a person reads it: `86 %`. */
export function percent(part: number): string {
  return `${Math.round(100 * part)} %`;
}
