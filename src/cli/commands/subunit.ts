import type { RunWish } from "../../protocol/door.ts";
import { SubunitWriter } from "../../surfaces/files/subunit.ts";
import { openDoor } from "../daemon-door.ts";
import { onInterrupt } from "../interrupts.ts";
import { readLoadList } from "../load-list.ts";
import type { Flags } from "../parse-arguments.ts";
import type { Project } from "../project.ts";
import { reportProblem } from "../report-problem.ts";
import { writeAll } from "../write-output.ts";

const INTERRUPTED = 130;
const NO_TESTS = 5;
const LONGEST_TAIL = 64 * 1024;

/** `prewarm run --format subunit` and `prewarm list --format subunit`; the exit code is pytest's. */
export async function subunit(
  what: "run" | "list",
  words: readonly string[],
  flags: Flags,
  project: Project,
): Promise<number> {
  project.connection?.close();
  const list = flags.loadList === undefined ? undefined : readLoadList(flags.loadList);
  if (list?.ok === false) return reportProblem(list.error);
  const opened = await openDoor({ ...flags, cwd: project.cwd, command: words });
  if (!opened.ok) return reportProblem(opened.error);
  using door = opened.value;
  const writer = new SubunitWriter(
    (bytes) => {
      // Nobody reads any more: the run goes on without them, as it does for a terminal.
      writeAll(1, bytes);
    },
    () => Date.now(),
  );
  const wish: RunWish = {
    ...(list === undefined ? {} : { choice: list.value }),
    ...(what === "list" ? { more: ["--collect-only", "-q"] } : {}),
  };
  let output = "";
  const run = door.start(wish, {
    onEvent: (event) => {
      if (what === "run") writer.add(event);
      else if (event.type === "collected") writer.list(event.ids);
      if (event.type === "warning") process.stderr.write(`prewarm: warning[${event.code}] ${event.text}\n`);
    },
    onOutput: (_stream, bytes) => {
      output = (output + Buffer.from(bytes).toString()).slice(-LONGEST_TAIL);
    },
  });
  const calm = onInterrupt(run.cancel, () => process.exit(INTERRUPTED));
  const end = await run.finished;
  calm();
  const record = end.kind === "finished" ? end.record : null;
  const exit = record?.exit ?? end.problem?.exit ?? INTERRUPTED;
  if (what === "run") writer.end(record, end.problem, output);
  else if (exit !== 0 && exit !== NO_TESTS) writeAll(2, Buffer.from(output));
  if (end.problem !== null) reportProblem(end.problem);
  return exit;
}

/**
 * `prewarm stestr WORDS`: what stestr's own runner takes. stestr lets its Python be replaced, and puts
 * `-m stestr.subunit_runner.run discover -t TOP PATH` and `--list` or `--load-list FILE` after it.
 */
export async function stestr(words: readonly string[], project: Project): Promise<number> {
  const rest = words.slice(words.indexOf("discover") + 1);
  const fileAt = rest.indexOf("--load-list");
  const file = fileAt < 0 ? undefined : rest[fileAt + 1];
  const values = new Set([rest.indexOf("-t") + 1, fileAt + 1].filter((place) => place > 0));
  const paths = rest.filter((word, place) => !word.startsWith("-") && !values.has(place));
  const flags: Flags = file === undefined ? {} : { loadList: file };
  return subunit(rest.includes("--list") ? "list" : "run", ["pytest", ...paths], flags, project);
}
