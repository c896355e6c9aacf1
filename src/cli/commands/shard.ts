import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { failed, ok, type Result } from "../../base/result.ts";
import { type TimedTest, takeShare } from "../../insight/split.ts";
import { type Problem, problem } from "../../protocol/errors.ts";
import type { Flags } from "../parse-arguments.ts";
import { openProject, type Project } from "../project.ts";
import { QuietRuns } from "../quiet-run.ts";
import { reportProblem } from "../report-problem.ts";
import { writeText } from "../write-output.ts";
import { run } from "./run.ts";

const INTERRUPTED = 130;

/** Milliseconds by test. */
type Durations = Readonly<Record<string, number>>;

/** `prewarm run --shard I/N`: collects all tests, and runs the part that is this share's. */
export async function runShard(words: readonly string[], flags: Flags, project: Project): Promise<number> {
  const { shard } = flags;
  if (shard === undefined) return run(words, flags, project);
  const other = (["noDaemon", "loadList"] as const).find((flag) => flags[flag] !== undefined);
  if (other !== undefined || process.platform === "win32") return reportProblem(refuse(other));
  const known =
    flags.durations === undefined ? ok<Durations>({}) : readDurations(resolve(project.cwd, flags.durations));
  if (!known.ok) return reportProblem(known.error);
  const runs = await QuietRuns.open([...words, "--collect-only", "-q"], flags, project);
  if (!runs.ok) return reportProblem(runs.error);
  const ids: string[] = [];
  let isBroken = false;
  const listed = await runs.value.run({
    onEvent: (event) => {
      if (event.type === "collected") ids.push(...event.ids);
      if (event.type === "collect-failed") isBroken = true;
    },
  });
  if (!listed.ok) return reportProblem(listed.error);
  const { exit } = listed.value.record;
  if (exit === null) return INTERRUPTED;
  const tests: readonly TimedTest[] = [...new Set(ids)].map((id) => ({ id, durationMs: known.value[id] ?? null }));
  // Where files do not collect, pytest runs nothing: each share says so, and none is green.
  const isWhole = !isBroken && exit === 0;
  const mine = isWhole ? takeShare(tests, shard) : [];
  const split = createHash("sha256")
    .update(JSON.stringify([shard.of, tests]))
    .digest("hex")
    .slice(0, 16);
  writeText(2, `prewarm: shard ${shard.index} of ${shard.of}: ${mine.length} of ${tests.length} tests\n`);
  const facts = { ...shard, split, total: tests.length };
  const choice = isWhole ? { ids: mine, path: "", name: "" } : undefined;
  return run(words, flags, openProject(project.cwd, process.env), { choice, facts });
}

/** Reads what `prewarm merge --durations` has written. */
function readDurations(path: string): Result<Durations, Problem> {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    const isTable = typeof value === "object" && value !== null && !Array.isArray(value);
    if (!isTable || Object.values(value).some((each) => typeof each !== "number" || !(each >= 0))) {
      return failed(problem("bad-value", `${path} is no file of durations.`, "prewarm merge --durations FILE RESULTS"));
    }
    return ok(value as Durations);
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : ((error as NodeJS.ErrnoException).code ?? "");
    const sentence = `The durations ${path} cannot be read (${reason}).`;
    return failed(problem("path-missing", sentence, "prewarm merge --durations FILE RESULTS"));
  }
}

function refuse(flag: "noDaemon" | "loadList" | undefined): Problem {
  if (flag === undefined) return problem("not-supported", "`--shard` needs the daemon.", "prewarm run -- pytest");
  const name = flag === "noDaemon" ? "--no-daemon" : "--load-list";
  return problem("usage", `\`--shard\` and \`${name}\` do not go together.`, "prewarm run --help");
}
