import { resolve } from "node:path";
import { problem } from "../protocol/errors.ts";
import type { RunEvent, RunRecord } from "../protocol/events.ts";
import { clockOf, readVerdict, Tally } from "../report/tally.ts";
import { Outcomes, writeOutcomesFile } from "../surfaces/files/outcomes-file.ts";
import { printWarning } from "../surfaces/terminal/print-problem.ts";
import { printEdit, printVerdict } from "../surfaces/terminal/watch-lines.ts";
import type { Flags } from "./parse-arguments.ts";
import type { Project } from "./project.ts";
import { reportProblem } from "./report-problem.ts";
import { errorScreen } from "./screen.ts";
import { writeText } from "./write-output.ts";

const DEFAULT_COLUMNS = 80;

/** One of the runs of a watch, from its edit to its verdict. */
export class WatchedRun {
  readonly #flags: Flags;
  readonly #tally = new Tally();
  readonly #outcomes = new Outcomes();
  readonly #screen = errorScreen();
  #isRunning: boolean;

  constructor(flags: Flags, isRunning: boolean) {
    this.#flags = flags;
    this.#isRunning = isRunning;
  }

  /** Whether pytest is at work; between its end and the next edit it is not. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  take(event: RunEvent): void {
    if (this.#flags.json === true) writeText(1, `${JSON.stringify(event)}\n`);
    this.#tally.add(event);
    this.#outcomes.add(event);
    if (event.type === "warning") printWarning(event, this.#screen);
    if (event.type !== "edit") return;
    this.#isRunning = true;
    if (!isQuiet(this.#flags)) printEdit(event.files, new Date(), this.#screen, columns());
  }

  end(record: RunRecord, project: Project): void {
    this.#isRunning = false;
    const verdict = readVerdict(record, this.#tally);
    if (!isQuiet(this.#flags)) printVerdict(verdict, clockOf(record), this.#screen, columns());
    const { outcomes } = this.#flags;
    if (outcomes === undefined || record.exit === null) return;
    const path = resolve(project.cwd, outcomes);
    try {
      writeOutcomesFile(path, this.#outcomes.toText(record.exit));
    } catch (error) {
      const sentence = `The outcomes file ${path} cannot be written (${String(error)}).`;
      reportProblem(problem("outcomes-file", sentence, "prewarm --outcomes FILE -- pytest"));
    }
  }
}

/** Whether lines of ours are left out, beside errors and warnings. */
export function isQuiet(flags: Flags): boolean {
  return flags.quiet === true || Boolean(process.env.PREWARM_QUIET);
}

function columns(): number {
  return process.stderr.columns ?? DEFAULT_COLUMNS;
}
