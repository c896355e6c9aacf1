import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** What both sides came to: outcomes by node id, and exit codes. */
interface BothSides {
  readonly prewarm: Readonly<Record<string, string>>;
  readonly cold: Readonly<Record<string, string>>;
  readonly exits: { readonly prewarm: number; readonly cold: number };
}

/** Writes both sides of a comparison and what was said of it beside the output of the cold run, for whoever looks into a difference. */
export function keepEvidence(folder: string, outcomes: BothSides, lines: readonly string[]): void {
  writeFileSync(join(folder, "outcomes.json"), `${JSON.stringify(outcomes, undefined, 1)}\n`);
  writeFileSync(join(folder, "report.txt"), `${lines.join("\n")}\n`);
}
