import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { describeImports } from "../../insight/describe-imports.ts";
import { describeUnused } from "../../insight/describe-unused.ts";
import { drawFlame } from "../../insight/flame.ts";
import { findUnused } from "../../insight/unused-modules.ts";
import { problem } from "../../protocol/errors.ts";
import { printable } from "../../surfaces/terminal/terminal.ts";
import { findLaunch } from "../launch.ts";
import { type Flags, shellWords } from "../parse-arguments.ts";
import { probeImports } from "../probe.ts";
import type { Project } from "../project.ts";
import { reportProblem } from "../report-problem.ts";
import { writeText } from "../write-output.ts";
import { askExecuted } from "./unused.ts";

/**
 * `prewarm imports`: what a cold start up to the end of the collection costs, and what of it could be had later; with `--unused`
 * what of it no test uses.
 */
export async function imports(words: readonly string[], flags: Flags, project: Project): Promise<number> {
  project.connection?.close();
  const { cwd, root } = project;
  const found = await findLaunch(words, flags.python, { cwd, root, env: process.env });
  if (!found.ok) return reportProblem(found.error);
  const probed = await probeImports(found.value.launch, cwd, flags.unused === true ? "functions" : "imports");
  if (!probed.ok) return reportProblem(probed.error);
  const facts = probed.value;
  if (flags.unused === true) {
    const executed = await askExecuted(words, flags, cwd, facts);
    if (!executed.ok) return reportProblem(executed.error);
    const unused = findUnused(facts, executed.value);
    if (flags.json === true) writeText(1, `${JSON.stringify({ ...facts, unused })}\n`);
    else writeText(1, `${describeUnused(unused, executed.value, facts).map(printable).join("\n")}\n`);
  } else if (flags.json === true) writeText(1, `${JSON.stringify(facts)}\n`);
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
