import { describeFlaky } from "../../insight/describe-flaky.ts";
import { findFlaky } from "../../insight/flaky.ts";
import { printable } from "../../surfaces/terminal/terminal.ts";
import { askPast } from "../ask-past.ts";
import type { Flags } from "../parse-arguments.ts";
import type { Project } from "../project.ts";
import { reportProblem } from "../report-problem.ts";
import { writeText } from "../write-output.ts";

/** `prewarm flaky`: tests that the history knows to have passed and failed on the same code. 0: none, 1: there are some. */
export async function flaky(flags: Flags, project: Project): Promise<number> {
  const past = await askPast(project, flags.ttlSeconds);
  if (!past.ok) return reportProblem(past.error);
  const tests = findFlaky(past.value.unsteady);
  if (flags.json === true) writeText(1, `${JSON.stringify({ tests })}\n`);
  else {
    const lines = describeFlaky(tests, past.value.runs.length, Date.now());
    writeText(1, `${lines.map(printable).join("\n")}\n`);
  }
  return tests.length === 0 ? 0 : 1;
}
