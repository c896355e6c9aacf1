import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, resolve } from "node:path";
import { failed, ok, type Result } from "../../base/result.ts";
import type { ReportFacts } from "../../insight/report-facts.ts";
import { reportGithub } from "../../insight/report-github.ts";
import { reportHtml } from "../../insight/report-html.ts";
import { reportMarkdown } from "../../insight/report-markdown.ts";
import { type Problem, problem } from "../../protocol/errors.ts";
import type { TestCost } from "../../protocol/events.ts";
import { askPast } from "../ask-past.ts";
import { findLaunch } from "../launch.ts";
import { type Flags, shellWords } from "../parse-arguments.ts";
import { probeImports } from "../probe.ts";
import { openProject, type Project } from "../project.ts";
import { QuietRuns } from "../quiet-run.ts";
import { reportProblem } from "../report-problem.ts";
import { writeText } from "../write-output.ts";

/**
 * `prewarm report`: what is remembered, as Markdown on standard output, as annotations of GitHub, and as an HTML file. With a
 * command line it runs that first, and the exit code is pytest's.
 */
export async function report(words: readonly string[], flags: Flags, project: Project): Promise<number> {
  const measured = words.length === 0 ? ok({}) : await measure(words, flags, project);
  if (!measured.ok) return reportProblem(measured.error);
  const past = await askPast(words.length === 0 ? project : openProject(project.cwd, process.env), flags.ttlSeconds);
  if (!past.ok) return reportProblem(past.error);
  const facts: ReportFacts = {
    project: basename(project.root),
    atMs: Date.now(),
    past: past.value,
    ...measured.value,
  };
  if (flags.html !== undefined) {
    try {
      writeFileSync(resolve(project.cwd, flags.html), reportHtml(facts));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return reportProblem(
        problem("not-written", `The report cannot be written (${reason}).`, "prewarm report --html FILE"),
      );
    }
  }
  const annotations = flags.github === true ? reportGithub(facts.past.failures) : undefined;
  if (annotations !== undefined) writeText(1, annotations.map((line) => `${line}\n`).join(""));
  else if (flags.html === undefined) writeText(1, reportMarkdown(facts));
  return facts.run?.record.exit ?? 0;
}

/** One run with what each test costs, and where a file is asked for what a start imports. */
async function measure(
  words: readonly string[],
  flags: Flags,
  project: Project,
): Promise<Result<Pick<ReportFacts, "run" | "imports">, Problem>> {
  const { cwd, root } = project;
  const runs = await QuietRuns.open(words, flags, project);
  if (!runs.ok) return runs;
  const tests: TestCost[] = [];
  const ran = await runs.value.run({
    measure: "times",
    onEvent: (event) => {
      if (event.type === "measured") tests.push(event.test);
    },
  });
  if (!ran.ok) return ran;
  writeText(2, ran.value.output);
  const run = { command: shellWords(words), record: ran.value.record, tests, cores: availableParallelism() };
  if (flags.html === undefined) return ok({ run });
  const found = await findLaunch(words, flags.python, { cwd, root, env: process.env });
  if (!found.ok) return failed(found.error);
  const imports = await probeImports(found.value.launch, cwd);
  return ok(imports.ok ? { run, imports: imports.value } : { run });
}
