import { availableParallelism } from "node:os";
import { describeRepetitions, Repetitions } from "../../insight/repetitions.ts";
import type { Problem } from "../../protocol/errors.ts";
import type { RunEvent } from "../../protocol/events.ts";
import { formatCount } from "../../report/format-count.ts";
import { printable } from "../../surfaces/terminal/terminal.ts";
import type { Flags } from "../parse-arguments.ts";
import type { Project } from "../project.ts";
import { openProject } from "../project.ts";
import { ONE_PROCESS, QuietRuns } from "../quiet-run.ts";
import { reportProblem } from "../report-problem.ts";
import { errorScreen } from "../screen.ts";
import { workersWish } from "../workers-wish.ts";
import { writeText } from "../write-output.ts";

/** Exit codes with which pytest has run what it was asked to run. */
const RAN: readonly (number | null)[] = [0, 1];

/** So many runs are forks of one leader: then another one looks whether files have changed. */
const MOST_OF_ONE_LEADER = 200;
/** Fewer would not be worth a leader, where others have more to do. */
const LEAST_OF_ONE_LEADER = 20;

/** What all that run at a time have come to together. */
interface Tally {
  readonly repetitions: Repetitions;
  readonly most: number;
  readonly untilFail: boolean;
  readonly onRun: () => void;
  /** Runs that were asked for. */
  asked: number;
  exit: number;
  /** What ended it before its time: a problem, or what pytest has printed. */
  fault: Problem | { readonly output: string; readonly exit: number } | undefined;
}

/**
 * `prewarm run --repeat N` and `--until-fail`: the same tests again and again, each time in a new fork of the loaded suite,
 * `-n` of them at a time. The exit code is 0 where all runs passed, else that of the first that did not.
 */
export async function repeat(words: readonly string[], flags: Flags, project: Project): Promise<number> {
  const loops: QuietRuns[] = [];
  for (let index = 0; index < atATime(flags); index += 1) {
    const opened = index === 0 ? project : openProject(project.cwd, process.env);
    const runs = await QuietRuns.open(words, flags, opened);
    if (!runs.ok) return reportProblem(runs.error);
    loops.push(runs.value);
  }
  const screen = errorScreen();
  const startedMs = performance.now();
  const tally: Tally = {
    ...{ repetitions: new Repetitions(), most: flags.repeat ?? Number.POSITIVE_INFINITY, asked: 0, exit: 0 },
    untilFail: flags.untilFail === true,
    fault: undefined,
    onRun: () => {
      const { runs, failedRuns } = tally.repetitions;
      const failed = failedRuns === 0 ? "" : `, ${failedRuns} failed`;
      if (screen.isScreen) screen.write(`\r\x1b[2K${formatCount(runs, "run")}${failed}`);
      if (isOver(tally)) for (const loop of loops) loop.stop();
    },
  };
  await Promise.all(loops.map((loop) => goOn(loop, flags, tally, loops.length)));
  if (screen.isScreen) screen.write("\r\x1b[2K");
  const { repetitions, fault } = tally;
  if (fault !== undefined) {
    if ("code" in fault) return reportProblem(fault);
    writeText(2, fault.output);
    return fault.exit;
  }
  const shown = [...repetitions.unsteady, ...repetitions.broken]
    .slice(0, 1)
    .map(({ firstFailure }) => firstFailure?.text);
  const lines = describeRepetitions(repetitions, performance.now() - startedMs);
  writeText(
    1,
    `${[...shown.filter((text) => text !== undefined && text !== ""), ...lines].map((line) => printable(line ?? "")).join("\n")}\n`,
  );
  return tally.exit;
}

/** Asks for runs, one after another or many of one leader, until there were enough. */
async function goOn(loop: QuietRuns, flags: Flags, tally: Tally, loops: number): Promise<void> {
  const workers = { ...workersWish(flags), ...ONE_PROCESS };
  while (tally.asked < tally.most && !isOver(tally)) {
    const left = tally.most - tally.asked;
    const share = Math.max(Math.ceil(left / loops), LEAST_OF_ONE_LEADER);
    const count = Math.min(share, left, MOST_OF_ONE_LEADER);
    tally.asked += count;
    let ended = 0;
    // What a leader's last fork does is told before its end is.
    let events: RunEvent[] = [];
    const ran = await loop.run({
      workers,
      repeat: { count, untilFail: tally.untilFail },
      onEvent: (event) => {
        if (event.type !== "repeated") {
          events.push(event);
          return;
        }
        ended += 1;
        if (!isOver(tally)) take(tally, events, event.exit);
        events = [];
      },
    });
    // It was ended by us.
    if (isOver(tally)) return;
    if (!ran.ok) {
      tally.fault = ran.error;
      return;
    }
    const { record, output } = ran.value;
    if (!RAN.includes(record.exit)) {
      tally.fault = { output, exit: record.exit ?? 1 };
      return;
    }
    // Where it cannot be repeated in forks of one leader, it was one run.
    if (ended === 0) take(tally, events, record.exit);
    tally.asked -= count - Math.max(ended, 1);
  }
}

function take(tally: Tally, events: readonly RunEvent[], exit: number | null): void {
  for (const event of events) tally.repetitions.add(event);
  tally.repetitions.end(exit);
  if (tally.exit === 0) tally.exit = exit ?? 1;
  tally.onRun();
}

function isOver({ fault, untilFail, exit }: Tally): boolean {
  return fault !== undefined || (untilFail && exit !== 0);
}

function atATime({ workers = "1", repeat: most = Number.POSITIVE_INFINITY }: Flags): number {
  const wanted = /^\d+$/.test(workers) ? Math.max(Number(workers), 1) : availableParallelism();
  return Math.min(wanted, most);
}
