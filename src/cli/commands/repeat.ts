import { describeRepetitions, Repetitions } from "../../insight/repetitions.ts";
import { formatCount } from "../../report/format-count.ts";
import { printable } from "../../surfaces/terminal/terminal.ts";
import type { Flags } from "../parse-arguments.ts";
import type { Project } from "../project.ts";
import { QuietRuns } from "../quiet-run.ts";
import { reportProblem } from "../report-problem.ts";
import { errorScreen } from "../screen.ts";
import { writeText } from "../write-output.ts";

/** Exit codes with which pytest has run what it was asked to run. */
const RAN: readonly (number | null)[] = [0, 1];

/**
 * `prewarm run --repeat N` and `--until-fail`: the same tests again and again, each time in a new fork of the loaded suite.
 * The exit code is 0 where all runs passed, else that of the first that did not.
 */
export async function repeat(words: readonly string[], flags: Flags, project: Project): Promise<number> {
  const runs = await QuietRuns.open(words, flags, project);
  if (!runs.ok) return reportProblem(runs.error);
  const most = flags.repeat ?? Number.POSITIVE_INFINITY;
  const repetitions = new Repetitions();
  const screen = errorScreen();
  const startedMs = performance.now();
  let exit = 0;
  while (repetitions.runs < most && !(flags.untilFail === true && exit !== 0)) {
    const ran = await runs.value.run({ onEvent: (event) => repetitions.add(event) });
    if (!ran.ok) return reportProblem(ran.error);
    const { record, output } = ran.value;
    repetitions.end(record);
    if (exit === 0) exit = record.exit ?? 1;
    if (!RAN.includes(record.exit)) {
      writeText(2, output);
      return exit;
    }
    const failed = repetitions.failedRuns === 0 ? "" : `, ${repetitions.failedRuns} failed`;
    if (screen.isScreen) screen.write(`\r\x1b[2K${formatCount(repetitions.runs, "run")}${failed}`);
  }
  if (screen.isScreen) screen.write("\r\x1b[2K");
  const shown = [...repetitions.unsteady, ...repetitions.broken]
    .slice(0, 1)
    .map(({ firstFailure }) => firstFailure?.text);
  const lines = describeRepetitions(repetitions, performance.now() - startedMs);
  writeText(
    1,
    `${[...shown.filter((text) => text !== undefined && text !== ""), ...lines].map((line) => printable(line ?? "")).join("\n")}\n`,
  );
  return exit;
}
