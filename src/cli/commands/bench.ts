import { availableParallelism, loadavg } from "node:os";
import { failed, ok, type Result } from "../../base/result.ts";
import { reckonBench, worthProfiling } from "../../insight/bench.ts";
import { warnOfLoad } from "../../insight/busy-machine.ts";
import { describeBench } from "../../insight/describe-bench.ts";
import { shortPath } from "../../insight/short-path.ts";
import { type Problem, problem } from "../../protocol/errors.ts";
import type { TestCost } from "../../protocol/events.ts";
import { printable } from "../../surfaces/terminal/terminal.ts";
import { type Flags, shellWords } from "../parse-arguments.ts";
import type { Project } from "../project.ts";
import { ONE_PROCESS, QuietRuns, type QuietWish } from "../quiet-run.ts";
import { reportProblem } from "../report-problem.ts";
import { errorScreen } from "../screen.ts";
import { writeText } from "../write-output.ts";

const MOST_PROFILED = 12;
/** Exit codes with which pytest has run what it was asked to run. */
const RAN: readonly (number | null)[] = [0, 1];

/** `prewarm bench [N]`: measures N runs, drops the first, and ranks what to change by the worker time that it would give back. */
export async function bench(count: number, words: readonly string[], flags: Flags, project: Project): Promise<number> {
  const opened = await QuietRuns.open(words, flags, project);
  if (!opened.ok) return reportProblem(opened.error);
  const [load = 0] = loadavg();
  const screen = errorScreen();
  const say = (text: string) => {
    if (screen.isScreen) screen.write(`\r\x1b[2K${text}`);
  };
  const runs: (readonly TestCost[])[] = [];
  for (let number = 1; number <= count; number += 1) {
    say(`run ${number} of ${count}`);
    const run = await measure(opened.value, { measure: "times" }, words);
    if (!run.ok) return reportProblem(run.error);
    runs.push(run.value);
  }
  // It was the one that had to load what tests import late.
  const counted = runs.length > 1 ? runs.slice(1) : runs;
  say(`profile of the longest ${MOST_PROFILED} tests`);
  const ids = worthProfiling(counted, MOST_PROFILED);
  const profiled = await measure(opened.value, { measure: "profile", ids, workers: ONE_PROCESS }, words);
  say("");
  const tests = profiled.ok ? profiled.value.toSorted((one, other) => other.call.wallMs - one.call.wallMs) : [];
  const cores = availableParallelism();
  const name = (path: string) => shortPath(path, project.root);
  const found = reckonBench(counted, cores, name);
  if (found === undefined) return reportProblem(nothingMeasured(words));
  const busy = warnOfLoad(load, cores);
  if (busy !== undefined) writeText(2, `prewarm: ${busy}\n`);
  const dropped = runs.length > 1;
  if (flags.json === true) writeText(1, `${JSON.stringify({ ...found, profiled: tests })}\n`);
  else writeText(1, `${describeBench(found, tests, { cores, dropped, name }).map(printable).join("\n")}\n`);
  return 0;
}

/** What the tests of one run have cost; a problem where pytest did not come to them. */
async function measure(
  runs: QuietRuns,
  wish: QuietWish,
  words: readonly string[],
): Promise<Result<readonly TestCost[], Problem>> {
  const tests: TestCost[] = [];
  const ran = await runs.run({
    ...wish,
    onEvent: (event) => {
      if (event.type === "measured") tests.push(event.test);
    },
  });
  if (!ran.ok) return ran;
  if (RAN.includes(ran.value.record.exit)) return ok(tests);
  writeText(2, ran.value.output);
  return failed(nothingMeasured(words));
}

function nothingMeasured(words: readonly string[]): Problem {
  return problem("not-probed", "No test was measured.", `prewarm run -- ${shellWords(words)}`);
}
