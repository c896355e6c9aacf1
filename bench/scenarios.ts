import {
  breakingEditOf,
  CORE_TEST,
  EDITED_TEST_FILE,
  type Edit,
  type EditKind,
  editOf,
  GREEN_FILE,
  GREEN_SUITE,
  GREEN_TEST,
  LEAF_TEST,
  mendingEditOf,
  SINGLE_TEST,
  type Verdict,
  verdictOfOne,
} from "./edits.ts";
import type { Limits } from "./limits.ts";

/** One row of the table. */
export interface Scenario {
  readonly title: string;
  readonly args: readonly string[];
  /** Whether everything that stays behind is stopped before each round. */
  readonly cold: boolean;
  /** The edit that is made with each round, if any. */
  readonly edit: ((round: number) => Edit) | undefined;
  readonly verdict: (round: number) => Verdict;
  /** How long nothing happens before each edit: nobody saves again within the second. */
  readonly pauseMs?: number;
  /** Brings the edited file back after the last round. */
  readonly mend: Edit | undefined;
  readonly limitMs: (limits: Limits) => number;
}

/** The rows, in the order in which they are measured. */
export const SCENARIOS: readonly Scenario[] = [
  {
    title: "cold first run, 600 tests",
    args: [],
    cold: true,
    edit: undefined,
    verdict: () => GREEN_SUITE,
    mend: undefined,
    limitMs: (limits) => limits.coldImports.medianMs,
  },
  {
    title: "one test, nothing edited",
    args: [SINGLE_TEST],
    cold: false,
    edit: undefined,
    verdict: () => GREEN_TEST,
    mend: undefined,
    limitMs: (limits) => limits.bareClient.medianMs + limits.oneTest.medianMs,
  },
  edited("test file", (limits) => limits.editedFile.medianMs),
  edited("leaf", (limits) => limits.afterLeaf.medianMs + limits.tenTests.medianMs),
  edited("core", (limits) => limits.afterCore.medianMs + limits.tenTests.medianMs),
  {
    title: "full run when warm, 600 tests",
    args: [],
    cold: false,
    edit: undefined,
    verdict: () => GREEN_SUITE,
    mend: undefined,
    limitMs: (limits) => limits.bareClient.medianMs + limits.fullRun.medianMs,
  },
];

const PAUSE_MS = 1_000;

/** What is measured in a watch, from the write of the file to the verdict. */
export const WATCH_SCENARIOS: readonly Scenario[] = [
  watched("test file saved, its tests", "test file", [EDITED_TEST_FILE], (limits) => limits.editedFile.medianMs),
  watched("leaf function edited, one test", "leaf", [LEAF_TEST], (limits) => limits.oneTest.medianMs),
  watched("core function edited, one test", "core", [CORE_TEST], (limits) => limits.oneTest.medianMs),
  watched(
    "constant in the core, ten tests",
    "constant",
    [EDITED_TEST_FILE],
    (limits) => limits.afterCore.medianMs + limits.tenTests.medianMs,
  ),
  watched(
    "conftest saved, ten tests",
    "conftest",
    [EDITED_TEST_FILE],
    (limits) => limits.afterConftest.medianMs + limits.tenTests.medianMs,
  ),
];

function watched(
  title: string,
  kind: EditKind,
  args: readonly string[],
  limitMs: (limits: Limits) => number,
): Scenario {
  const isOne = args.some((arg) => arg.includes("::"));
  const verdict = (round: number): Verdict => {
    if (isOne) return round === 0 ? GREEN_TEST : verdictOfOne(round);
    return round === 0 ? GREEN_FILE : editOf(kind, round).verdict;
  };
  const mend = mendingEditOf(kind);
  return {
    title,
    args,
    cold: false,
    edit: (round) => ({ ...editOf(kind, round), verdict: verdict(round) }),
    verdict,
    pauseMs: PAUSE_MS,
    mend: { ...mend, verdict: verdict(0) },
    limitMs,
  };
}

/** Edits that turn the verdict red, with the file as it was in between; checked for every peer, not timed. */
export function redChecks(): readonly Edit[] {
  const kinds: readonly EditKind[] = ["test file", "leaf", "core", "constant"];
  return kinds.flatMap((kind) => [breakingEditOf(kind), mendingEditOf(kind)]);
}

function edited(kind: "test file" | "leaf" | "core", inDaemonMs: (limits: Limits) => number): Scenario {
  return {
    title: kind === "test file" ? "test file edited, its tests" : `${kind} function edited, ten tests`,
    args: [EDITED_TEST_FILE],
    cold: false,
    edit: (round) => editOf(kind, round),
    verdict: (round) => (round === 0 ? GREEN_FILE : editOf(kind, round).verdict),
    mend: mendingEditOf(kind),
    limitMs: (limits) => limits.bareClient.medianMs + inDaemonMs(limits),
  };
}
