import type { RunRecord } from "../protocol/events.ts";
import { formatCount } from "./format-count.ts";
import { formatTime } from "./format-time.ts";

/** What the command line knows of a run, beside the daemon's record. */
export interface Timing {
  /** From the command's start to the verdict. */
  readonly totalMs: number;
  /** From the command's start to the daemon having the request. */
  readonly beforeMs: number;
  /** Version of the older daemon that was replaced, or undefined. */
  readonly replaced: string | undefined;
}

/** How a run was served, in one line: `warm 0.21 s · first test after 60 ms · the cold run took 3.61 s (17 ×)`. */
export function describeRun(record: RunRecord, timing: Timing): string {
  const facts = factsOf(record, timing);
  if (record.unfinished > 0) facts.push(`${formatCount(record.unfinished, "test")} without an outcome`);
  if (timing.replaced !== undefined) facts.push(`replaced the daemon of prewarm ${timing.replaced}`);
  return facts.join(" · ");
}

function factsOf(record: RunRecord, { totalMs, beforeMs }: Timing): string[] {
  const total = formatTime(totalMs);
  switch (record.way) {
    case "cold":
      return record.modules === 0 && record.tests === 0
        ? [`cold ${total}`]
        : [
            `cold ${total}`,
            `${formatCount(record.tests, "test")} and ${formatCount(record.modules, "module")} stay loaded`,
          ];
    case "warm":
      return [`warm ${total}`, ...firstTest(record, beforeMs), ...comparison(record, totalMs)];
    case "patched":
    case "resumed":
      return [`warm ${total}`, record.reason, ...comparison(record, totalMs)].filter((fact) => fact !== "");
    case "plain":
      return [`plain pytest ${total}`, `no warm run: ${record.reason}`];
    default:
      return record.way satisfies never;
  }
}

function firstTest({ firstTestMs }: RunRecord, beforeMs: number): readonly string[] {
  return firstTestMs === null ? [] : [`first test after ${formatTime(beforeMs + firstTestMs)}`];
}

// A ratio below two says nothing but that a cold run is quick too.
function comparison({ coldMs }: RunRecord, totalMs: number): readonly string[] {
  if (coldMs === null) return [];
  const ratio = coldMs / totalMs;
  return [`the cold run took ${formatTime(coldMs)}${ratio >= 2 ? ` (${Math.round(ratio)} ×)` : ""}`];
}
