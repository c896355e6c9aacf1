import type { IdleCheckStatus, IdleComparison } from "../protocol/api.ts";
import { formatCount, formatNumber } from "./format-count.ts";
import { formatAge, formatTime } from "./format-time.ts";

/** One line of `prewarm status`; undefined where nothing is to be said. */
export function describeIdleCheck({ percent, doing, last }: IdleCheckStatus, nowMs: number): string | undefined {
  if (percent === 0 && last === null) return undefined;
  const parts = last === null ? [] : [`${summarize(last)}, ${formatAge(nowMs - last.atMs)} ago`];
  if (percent > 0) parts.push(doing);
  if (last?.verdict === "different") parts.push("prewarm verify --last");
  return `verified when idle · ${parts.join(" · ")}`;
}

/** The whole comparison, for `prewarm verify --last`. */
export function describeIdleComparison(last: IdleComparison, nowMs: number): readonly string[] {
  const { command, coldMs, differences, evidence, verdict } = last;
  const width = Math.max(0, ...differences.map(({ key }) => key.length));
  return [
    `${summarize(last)} · cold ${formatTime(coldMs)} · ${formatAge(nowMs - last.atMs)} ago, when idle · ${command}`,
    ...differences.map((each) => `  ${each.key.padEnd(width)}  prewarm ${each.warm}, cold ${each.cold}`),
    ...(evidence === null ? [] : [`kept: ${evidence}`]),
    ...(verdict === "different" ? ["Two cold runs agree with each other, and not with prewarm."] : []),
    ...(verdict === "unsteady"
      ? ["A second cold run did not say it again: chance, the time, or what another test has left behind."]
      : []),
  ];
}

/** What a run says of a defect that was found before it. */
export function ownDefectWarning(last: IdleComparison): { code: string; text: string; next: string } {
  const [first] = last.differences;
  const more = last.differences.length > 1 ? `, and ${formatNumber(last.differences.length - 1)} more` : "";
  const what = first === undefined ? "" : `: ${first.key} ${first.warm}, cold ${first.cold}${more}`;
  return {
    code: "own-defect",
    text: `prewarm was wrong: two cold runs say something else than it did${what}.`,
    next: "prewarm verify --last      a cold start: prewarm restart",
  };
}

function summarize({ verdict, differences, compared, of }: IdleComparison): string {
  const outcomes = `${formatNumber(compared)} of ${formatCount(of, "outcome")}`;
  if (verdict === "equal") return `equal: ${outcomes}`;
  return `${verdict}: ${formatNumber(differences.length)} in ${outcomes}`;
}
