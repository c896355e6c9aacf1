import { readFileSync } from "node:fs";
import { failed, ok, type Result } from "../../base/result.ts";
import { describeMerge } from "../../insight/describe-merge.ts";
import { durationsOf, mergeResults, type NamedResults } from "../../insight/merge-results.ts";
import { type Problem, problem } from "../../protocol/errors.ts";
import { RESULTS_SCHEMA } from "../../protocol/results-schema.ts";
import { writeOutcomesFile } from "../../surfaces/files/outcomes-file.ts";
import { printable } from "../../surfaces/terminal/terminal.ts";
import type { Flags } from "../parse-arguments.ts";
import { reportProblem } from "../report-problem.ts";
import { writeText } from "../write-output.ts";

const NEXT = "prewarm run --shard I/N --results FILE -- pytest      (for each I of the same N)";

/** `prewarm merge FILE…`: the shards of one split as one run; the exit code is that of the whole. */
export async function merge(files: readonly string[], flags: Flags): Promise<number> {
  const read = files.map(readResults);
  const fault = read.find((each) => !each.ok);
  if (fault?.ok === false) return reportProblem(fault.error);
  const merged = mergeResults(read.flatMap((each) => (each.ok ? [each.value] : [])));
  if (typeof merged === "string") {
    return reportProblem(problem("not-merged", `These results are not one whole run: ${merged}.`, NEXT));
  }
  const outcomes = Object.fromEntries([
    ...merged.broken.map(({ id }) => [`collect:${id}`, "error"] as const),
    ...[...merged.tests].map(([id, { outcome }]) => [id, outcome] as const),
  ]);
  const written = write(flags.outcomes, { exit: merged.exit, outcomes }) ?? write(flags.durations, durationsOf(merged));
  if (written !== undefined) return reportProblem(written);
  writeText(1, `${describeMerge(merged).map(printable).join("\n")}\n`);
  return merged.exit;
}

function readResults(name: string): Result<NamedResults, Problem> {
  try {
    const parsed = RESULTS_SCHEMA.safeParse(JSON.parse(readFileSync(name, "utf8")));
    if (parsed.success) return ok({ name, results: parsed.data });
    const [issue] = parsed.error.issues;
    const where = issue === undefined ? "" : ` (${[...issue.path, issue.message].join(" ")})`;
    return failed(problem("bad-value", `${name} is no file of \`prewarm run --results\`${where}.`, NEXT));
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : ((error as NodeJS.ErrnoException).code ?? "");
    return failed(problem("path-missing", `The results ${name} cannot be read (${reason}).`, NEXT));
  }
}

function write(path: string | undefined, content: object): Problem | undefined {
  if (path === undefined) return undefined;
  try {
    writeOutcomesFile(path, `${JSON.stringify(content)}\n`);
    return undefined;
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    return problem("outcomes-file", `${path} cannot be written (${reason}).`, "prewarm merge FILES");
  }
}
