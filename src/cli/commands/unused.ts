import { failed, ok, type Result } from "../../base/result.ts";
import type { ImportFacts } from "../../insight/import-facts.ts";
import type { ExecutedFunctions } from "../../insight/unused-modules.ts";
import { type Problem, problem } from "../../protocol/errors.ts";
import { type Flags, shellWords } from "../parse-arguments.ts";
import { openProject } from "../project.ts";
import { ONE_PROCESS, QuietRuns } from "../quiet-run.ts";
import { writeText } from "../write-output.ts";

/** Exit codes with which pytest has run what it was asked to run. */
const RAN: readonly (number | null)[] = [0, 1];

/** Runs the tests once and tells of which files they have executed functions. */
export async function askExecuted(
  words: readonly string[],
  flags: Flags,
  cwd: string,
  { functions, python }: ImportFacts,
): Promise<Result<ExecutedFunctions, Problem>> {
  if (functions === null) {
    const sentence = `Which modules no test uses cannot be told with Python ${python}: it does not say which functions are executed. From 3.12 on it does.`;
    return failed(problem("functions-unknown", sentence, "prewarm imports --unused --python PATH"));
  }
  const runs = await QuietRuns.open(words, flags, openProject(cwd, process.env));
  if (!runs.ok) return runs;
  const tests = new Set<string>();
  const files = new Set<string>();
  const starting = new Set<string>();
  let isTold = false;
  const ran = await runs.value.run({
    measure: "functions",
    workers: ONE_PROCESS,
    onEvent: (event) => {
      if (event.type === "test-finished") tests.add(event.id);
      if (event.type !== "executed") return;
      isTold = true;
      for (const file of event.files) files.add(file);
      if (event.startsProcesses) starting.add(event.id);
    },
  });
  if (!ran.ok) return ran;
  const { record, output } = ran.value;
  if (!RAN.includes(record.exit)) {
    writeText(2, output);
    return failed(problem("not-probed", "The tests did not run to their end.", `prewarm run -- ${shellWords(words)}`));
  }
  if (!isTold) {
    writeText(2, output);
    const sentence = `Nobody told which functions the tests execute: ${record.reason}.`;
    return failed(problem("functions-unknown", sentence, "prewarm doctor"));
  }
  return ok({ tests: tests.size, files, startProcesses: starting.size });
}
