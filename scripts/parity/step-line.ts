import { type Difference, summarize } from "./compare.ts";
import type { Step } from "./edit-sequence.ts";
import type { SideResult } from "./run-side.ts";

/** How one comparison came out. */
export interface Verdict {
  readonly differences: readonly Difference[];
  /** Differences that two cold runs of the same files have too. */
  readonly unsteady: number;
  /** The first difference in what pytest printed, where there is one. */
  readonly outputDifference: string | undefined;
  /** Where the evidence lies, if any was kept. */
  readonly evidence: string | undefined;
}

/** The lines that a person reads about a step: one, and a few more where the sides disagree. */
export function stepLines(step: Step, cold: SideResult, warm: SideResult, verdict: Verdict): readonly string[] {
  const { differences, unsteady, outputDifference, evidence } = verdict;
  const times = `cold ${seconds(cold.durationMs)}  ${warm.way === undefined || warm.way === "warm" ? "warm" : `warm(${warm.way})`} ${seconds(warm.durationMs)}${step.warmFirst ? " first" : ""}`;
  const remarks = [
    differences.length === 0 ? "ok" : "DIFF",
    ...(unsteady > 0 ? [`(${unsteady} unsteady in plain pytest too)`] : []),
    ...(outputDifference === undefined ? [] : ["(output differs)"]),
  ];
  return [
    `${stepHead(step)}  ${times}  ${summarize(cold)}  ${remarks.join(" ")}`,
    ...differences
      .slice(0, 5)
      .map(({ key, cold: before, warm: after }) => `      ${key}: cold ${before}, warm ${after}`),
    ...(outputDifference === undefined ? [] : [`      output, ${outputDifference}`]),
    ...(evidence === undefined ? [] : [`      ${differences.length} differences, evidence: ${evidence}`]),
  ];
}

/** The line of a step that has nothing to compare. */
export function skippedLine(step: Step, cold: SideResult): string {
  const reason = cold.timedOut ? "did not end in time" : "was ended by a signal";
  return `${stepHead(step)}  not compared: plain pytest ${reason}`;
}

function stepHead(step: Step): string {
  const args = step.selection.pytestArgs.join(" ");
  return `${String(step.number).padStart(4)}  ${step.kind.padEnd(16)}  ${step.note}${args === "" ? "" : `  [${args}]`}`;
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(2)} s`;
}
