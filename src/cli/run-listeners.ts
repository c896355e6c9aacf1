import { resolve } from "node:path";
import { type Problem, problem } from "../protocol/errors.ts";
import type { RunEvent, RunRecord } from "../protocol/events.ts";
import type { RunResults } from "../protocol/results-schema.ts";
import { describeDaemonOnce } from "../report/first-run-line.ts";
import { launchWords } from "../report/launch-words.ts";
import { describeRun } from "../report/run-line.ts";
import { Outcomes, prepareOutcomesFile, writeOutcomesFile } from "../surfaces/files/outcomes-file.ts";
import { Results } from "../surfaces/files/results.ts";
import { printOwnLine } from "../surfaces/terminal/own-line.ts";
import { printWarning } from "../surfaces/terminal/print-problem.ts";
import { ProgressLine } from "../surfaces/terminal/progress-line.ts";
import { Detailed } from "./detailed.ts";
import type { FoundLaunch } from "./launch.ts";
import { type Flags, shellWords } from "./parse-arguments.ts";
import type { Project } from "./project.ts";
import { environmentName } from "./python/find-python.ts";
import { errorScreen } from "./screen.ts";
import { writeText } from "./write-output.ts";

/** When the request was sent, after the command's own start; which older daemon was replaced for it. */
export interface Circumstances {
  readonly sentMs: number;
  readonly replaced: string | undefined;
  /** Whether a person knows what this project's daemon is; otherwise this is called when they are told. */
  readonly greeted: boolean;
  readonly onGreeted: () => void;
  /** How long the daemon stays when it is idle. */
  readonly ttlMs: number;
}

/** What is done beside passing pytest's output on. */
export interface RunListeners {
  readonly onEvent: ((event: RunEvent) => void) | undefined;
  readonly onProgress: (text: string) => void;
  /** Called before anything of pytest's is written, and when there is nothing more to wait for. */
  readonly onOutput: () => void;
  /** The run has its verdict. Returns what went wrong with it for this command, or undefined. */
  readonly onFinished: (record: RunRecord, how: Circumstances) => Problem | undefined;
}

/** Sets up what the flags ask for; the problem is one that the run need not even begin with. */
export function makeListeners(
  flags: Flags,
  found: FoundLaunch,
  project: Project,
  showsLines: boolean,
  share: RunResults["share"],
): RunListeners | Problem {
  const screen = errorScreen();
  const outcomes = new Outcomes();
  const results = new Results(Date.now(), share);
  const files = [
    { name: flags.outcomes, flag: "--outcomes", content: outcomes },
    { name: flags.results, flag: "--results", content: results },
  ].flatMap(({ name, flag, content }) =>
    name === undefined ? [] : [{ path: resolve(project.cwd, name), flag, content }],
  );
  for (const { path, flag } of files) {
    const refusal = attempt(path, flag, () => prepareOutcomesFile(path));
    if (refusal !== undefined) return refusal;
  }
  warnOfTwoEnvironments(found, project);
  const progress = new ProgressLine(
    screen,
    () => process.uptime() * 1000,
    () => process.stderr.columns ?? 80,
  );
  const detailed = flags.detailed === true ? new Detailed() : undefined;
  const wantsEvents = files.length > 0 || flags.json === true || detailed !== undefined;
  return {
    onEvent: wantsEvents
      ? (event) => {
          for (const { content } of files) content.add(event);
          detailed?.add(event);
          if (flags.json === true) writeText(1, `${JSON.stringify(event)}\n`);
        }
      : undefined,
    onProgress: (text) => {
      if (showsLines) progress.say(text);
    },
    onOutput: () => progress.end(),
    onFinished: (record, { sentMs, replaced, greeted, onGreeted, ttlMs }) => {
      progress.end();
      if (showsLines) {
        printOwnLine(describeRun(record, { totalMs: process.uptime() * 1000, beforeMs: sentMs, replaced }), screen);
        if (!greeted && record.way !== "plain") {
          onGreeted();
          const command = shellWords(launchWords(found.launch));
          printOwnLine(describeDaemonOnce(ttlMs, command), screen);
        }
      }
      for (const line of detailed?.lines(record) ?? []) printOwnLine(line, screen);
      const { exit } = record;
      if (exit === null) return undefined;
      const faults = files.map(({ path, flag, content }) =>
        attempt(path, flag, () => writeOutcomesFile(path, content.toText(exit))),
      );
      return faults.find((fault) => fault !== undefined);
    },
  };
}

function attempt(path: string, flag: string, act: () => void): Problem | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^\w+: ([^,]*),.*$/, "$1") : String(error);
    const sentence = `The file ${path} of \`${flag}\` cannot be written (${reason}).`;
    return problem(
      "outcomes-file",
      sentence,
      `prewarm run ${flag} FILE -- pytest      (in a folder that can be written)`,
    );
  }
}

function warnOfTwoEnvironments({ choice: { used, other } }: FoundLaunch, { cwd }: Project): void {
  if (other === undefined) return;
  const name = (python: string): string => environmentName(python, cwd);
  const facts = (words: readonly (string | undefined)[]): string =>
    words.filter((word) => word !== undefined).join(", ");
  const usedFacts = facts([used.version, used.origin === "active" ? "active" : undefined, "used"]);
  const otherFacts = facts([other.version]);
  const text = `Two environments have pytest: ${name(used.python)} (${usedFacts}) and ${name(other.python)}${otherFacts === "" ? "" : ` (${otherFacts})`}.`;
  const path = (python: string): string => `${name(python)}${python.slice(python.lastIndexOf("/bin/"))}`;
  const next = `prewarm run --python ${path(other.python)}      for good: PREWARM_PYTHON=${path(used.python)}`;
  printWarning({ code: "two-environments", text, next }, errorScreen());
}
