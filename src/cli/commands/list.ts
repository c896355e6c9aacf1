import { type ApiAnswer, NO_WISH } from "../../protocol/api.ts";
import { printWarning } from "../../surfaces/terminal/print-problem.ts";
import { reachDaemon } from "../client.ts";
import { daemonLeft } from "../daemon-left.ts";
import { followRun } from "../follow-run.ts";
import { onInterrupt } from "../interrupts.ts";
import { findLaunch } from "../launch.ts";
import { readLoadList } from "../load-list.ts";
import type { Flags } from "../parse-arguments.ts";
import type { Project } from "../project.ts";
import { reportProblem } from "../report-problem.ts";
import { describeRequester } from "../requester.ts";
import { errorScreen } from "../screen.ts";
import { writeAll, writeText } from "../write-output.ts";
import { runPlain } from "./plain.ts";

const INTERRUPTED = 130;
const READER_GONE = 141;
const NO_TESTS = 5;

/** `prewarm list`: the ids of the tests that these arguments select, one a line; the exit code is pytest's. */
export async function list(words: readonly string[], flags: Flags, project: Project): Promise<number> {
  if (flags.noDaemon === true || process.platform === "win32") {
    return runPlain([...words, "--collect-only", "-q"], flags, project);
  }
  const found = await findLaunch(words, flags.python, { cwd: project.cwd, root: project.root, env: process.env });
  if (!found.ok) return reportProblem(found.error);
  const chosen = flags.loadList === undefined ? undefined : readLoadList(flags.loadList);
  if (chosen?.ok === false) return reportProblem(chosen.error);
  const reached = await reachDaemon(project, flags.ttlSeconds);
  if (!reached.ok) return reportProblem(reached.error);
  const { connection } = reached.value;
  const { launch } = found.value;
  connection.send({
    type: "run",
    launch: { ...launch, args: [...launch.args, "--collect-only", "-q"] },
    requester: await describeRequester(project.cwd, false),
    watch: false,
    all: false,
    events: true,
    native: true,
    workers: NO_WISH,
    plain: "",
    choice: chosen?.value,
  });
  const calm = onInterrupt(
    () => connection.send({ type: "interrupt" }),
    () => process.exit(INTERRUPTED),
  );
  const heard = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  let isRead = true;
  const end = await followRun(connection, {
    onOutput: (stream: Extract<ApiAnswer, { type: "output" }>["stream"], bytes) => {
      heard[stream].push(bytes);
      return isRead;
    },
    onEvent: (event) => {
      if (event.type === "warning") printWarning(event, errorScreen());
      if (event.type === "collected") isRead &&= writeText(1, event.ids.map((id) => `${id}\n`).join(""));
    },
  });
  calm();
  connection.close();
  switch (end.kind) {
    case "finished": {
      const exit = end.record.exit ?? INTERRUPTED;
      // What pytest has to say stands in its report; the ids of the good files are out already.
      if (exit !== 0 && exit !== NO_TESTS) for (const part of [...heard.stdout, ...heard.stderr]) writeAll(2, part);
      if (end.problem !== null) reportProblem(end.problem);
      return isRead ? exit : READER_GONE;
    }
    case "failed":
      return reportProblem(end.problem);
    case "left":
      return reportProblem(daemonLeft(end.reason));
    case "closed":
      return INTERRUPTED;
    case "reader-gone":
      return READER_GONE;
    default:
      return end satisfies never;
  }
}
