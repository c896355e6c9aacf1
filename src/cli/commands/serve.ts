import { type Problem, problem } from "../../protocol/errors.ts";
import { SubunitWriter } from "../../surfaces/files/subunit.ts";
import { TestServer } from "../../surfaces/stdio/test-server.ts";
import { reachDaemon } from "../client.ts";
import { openDoor, refuseSystem } from "../daemon-door.ts";
import { findLaunch } from "../launch.ts";
import type { Flags } from "../parse-arguments.ts";
import type { Project } from "../project.ts";
import { reportProblem } from "../report-problem.ts";
import { describeServer } from "../requester.ts";
import { workersWish } from "../workers-wish.ts";
import { writeAll, writeText } from "../write-output.ts";

const READER_GONE = 141;

/** `prewarm serve --http [PORT]`: prints where, and stays; the daemon serves while this command runs. */
export async function serveHttp(words: readonly string[], flags: Flags, project: Project): Promise<number> {
  const refusal = refuseSystem("prewarm serve");
  if (refusal !== undefined) return reportProblem(refusal);
  const found = await findLaunch(words, flags.python, { cwd: project.cwd, root: project.root, env: process.env });
  if (!found.ok) return reportProblem(found.error);
  const reached = await reachDaemon(project, flags.ttlSeconds);
  if (!reached.ok) return reportProblem(reached.error);
  const { connection } = reached.value;
  const requester = await describeServer(project.cwd);
  connection.send({
    type: "serve-http",
    port: flags.httpPort ?? null,
    launch: found.value.launch,
    requester,
    workers: workersWish(flags),
    settings: flags.settings,
  });
  process.on("SIGINT", () => connection.close());
  process.on("SIGTERM", () => connection.close());
  for (;;) {
    const answer = await connection.receive();
    if (answer === undefined) continue;
    if ("kind" in answer) return answer.kind === "closed" ? 0 : reportProblem(nothingServed());
    if (answer.type === "failed") return reportProblem(answer.problem);
    // One fact a line, for programs as for people.
    if (answer.type === "serving") writeText(1, `${answer.url}\n${answer.token}\n`);
  }
}

/** `prewarm serve --stdio`: answers until `shutdown`, or until standard input ends and all runs have. */
export async function serveStdio(words: readonly string[], flags: Flags, project: Project): Promise<number> {
  project.connection?.close();
  const opened = await openDoor({ ...flags, cwd: project.cwd, command: words });
  if (!opened.ok) return reportProblem(opened.error);
  using door = opened.value;
  const { promise: readerGone, resolve: noReader } = Promise.withResolvers<number>();
  const write = (isWritten: boolean): void => {
    if (!isWritten) noReader(READER_GONE);
  };
  const subunit = new SubunitWriter(
    (bytes) => write(writeAll(1, bytes)),
    () => Date.now(),
  );
  const server = new TestServer(
    door,
    flags.format === undefined
      ? { line: (text) => write(writeText(1, text)) }
      : {
          // The stream has no room for answers: refusals go where errors go.
          line: (text) => {
            if ("error" in (JSON.parse(text) as object)) writeAll(2, Buffer.from(text));
          },
          onTests: (ids) => subunit.list(ids),
          onEvent: (event) => subunit.add(event),
          onPart: (end, output) => subunit.end(end.kind === "finished" ? end.record : null, end.problem, output),
        },
  );
  process.on("SIGINT", () => server.cancelAll());
  process.stdin.on("data", (chunk: Buffer) => server.push(chunk));
  const { promise: inputEnded, resolve: noInput } = Promise.withResolvers<void>();
  process.stdin.on("end", noInput);
  process.stdin.on("error", () => noInput());
  return await Promise.race([
    readerGone,
    Promise.race([inputEnded, server.shutdown])
      .then(() => server.drain())
      .then(() => 0),
  ]);
}

function nothingServed(): Problem {
  return problem("daemon-left", "The daemon has left: nothing is served any more.", "prewarm logs");
}
