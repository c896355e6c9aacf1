import type { Flags } from "../parse-arguments.ts";
import type { Project } from "../project.ts";
import { QuietRuns } from "../quiet-run.ts";
import { reportProblem } from "../report-problem.ts";
import { writeText } from "../write-output.ts";

/** `prewarm run --print-workers`: how many workers would run these tests on standard output, why so on standard error. Runs no test. */
export async function printWorkers(words: readonly string[], flags: Flags, project: Project): Promise<number> {
  const runs = await QuietRuns.open(words, flags, project);
  if (!runs.ok) return reportProblem(runs.error);
  let count = 1;
  let why = "nobody asks for more: -n auto, or -n and a number";
  const ran = await runs.value.run({
    measure: "workers",
    onEvent: (event) => {
      if (event.type === "workers") ({ count, why } = event);
    },
  });
  if (!ran.ok) return reportProblem(ran.error);
  writeText(1, `${count}\n`);
  if (flags.quiet !== true) writeText(2, `prewarm: ${why}\n`);
  return ran.value.record.exit ?? 0;
}
