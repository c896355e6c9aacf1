import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Difference } from "./compare.ts";
import type { Step } from "./edit-sequence.ts";
import type { ProjectTree } from "./project-tree.ts";
import type { SideResult } from "./run-side.ts";
import type { Subject } from "./subjects.ts";
import { quoteWords } from "./words.ts";

/** A step at which the two sides disagreed. */
export interface Disagreement {
  readonly step: Step;
  readonly cold: SideResult;
  readonly warm: SideResult;
  readonly differences: readonly Difference[];
  readonly tree: ProjectTree;
  /** Files that edits have changed and that are not back at their first content; relative. */
  readonly editedPaths: readonly string[];
}

/** Writes both sides' outcomes and output, the differences, and the edited files as they were; answers the folder. */
export function keepEvidence(
  check: { readonly subject: Subject; readonly seed: string; readonly python: string; readonly evidenceFolder: string },
  { step, cold, warm, differences, tree, editedPaths }: Disagreement,
): string {
  const folder = join(check.evidenceFolder, `${check.subject.name}-${check.seed}-step-${step.number}-${step.kind}`);
  mkdirSync(folder, { recursive: true });
  for (const [name, result] of [
    ["cold", cold],
    ["warm", warm],
  ] as const) {
    const outcomes = result.outcomes === undefined ? undefined : Object.fromEntries(result.outcomes);
    writeFileSync(
      join(folder, `${name}.json`),
      `${JSON.stringify({ exit: result.exitCode, outcomes }, undefined, 1)}\n`,
    );
    copyFileSync(result.stdoutPath, join(folder, `${name}-stdout.txt`));
    copyFileSync(result.stderrPath, join(folder, `${name}-stderr.txt`));
  }
  const listed = differences.map(({ key, cold: before, warm: after }) => `${key}: cold ${before}, warm ${after}`);
  const facts = [
    `edit: ${step.kind} ${step.note}`,
    `first: ${step.warmFirst ? "warm" : "cold"}`,
    `pytest arguments: ${quoteWords(step.selection.pytestArgs)}`,
    `python: ${check.python}`,
    `seed: ${check.seed}`,
    `edited files: ${editedPaths.join(" ")}`,
  ];
  writeFileSync(join(folder, "differences.txt"), `${[...facts, "", ...listed].join("\n")}\n`);
  for (const path of editedPaths.filter((edited) => tree.exists(edited))) {
    mkdirSync(dirname(join(folder, "edited", path)), { recursive: true });
    copyFileSync(join(tree.root, path), join(folder, "edited", path));
  }
  return folder;
}
