import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { describeImports } from "../../insight/describe-imports.ts";
import { drawFlame } from "../../insight/flame.ts";
import { problem } from "../../protocol/errors.ts";
import { printable } from "../../surfaces/terminal/terminal.ts";
import { findLaunch } from "../launch.ts";
import { type Flags, shellWords } from "../parse-arguments.ts";
import { probeImports } from "../probe.ts";
import type { Project } from "../project.ts";
import { reportProblem } from "../report-problem.ts";
import { writeText } from "../write-output.ts";

/** `prewarm imports`: what a cold start up to the end of the collection costs, and what of it could be had later. */
export async function imports(words: readonly string[], flags: Flags, project: Project): Promise<number> {
  project.connection?.close();
  const { cwd, root } = project;
  const found = await findLaunch(words, flags.python, { cwd, root, env: process.env });
  if (!found.ok) return reportProblem(found.error);
  const probed = await probeImports(found.value.launch, cwd);
  if (!probed.ok) return reportProblem(probed.error);
  const facts = probed.value;
  if (flags.json === true) writeText(1, `${JSON.stringify(facts)}\n`);
  else writeText(1, `${describeImports(facts, shellWords(words)).map(printable).join("\n")}\n`);
  if (flags.flame !== undefined) {
    try {
      writeFileSync(resolve(cwd, flags.flame), drawFlame(facts));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return reportProblem(
        problem("not-written", `The picture cannot be written (${reason}).`, "prewarm imports --flame FILE.svg"),
      );
    }
  }
  for (const [id] of facts.errors)
    writeText(2, `prewarm: ${printable(id)} did not collect: what it would import is missing here\n`);
  return 0;
}
