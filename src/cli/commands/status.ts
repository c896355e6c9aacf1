import { problem } from "../../protocol/errors.ts";
import { describeStatus } from "../../report/status-text.ts";
import { printable } from "../../surfaces/terminal/terminal.ts";
import { greet } from "../client.ts";
import { daemonLeft } from "../daemon-left.ts";
import type { Flags } from "../parse-arguments.ts";
import type { Project } from "../project.ts";
import { reportProblem } from "../report-problem.ts";
import { writeText } from "../write-output.ts";

const LONGEST_ANSWER_MS = 15_000;

/** `prewarm status`: what the daemon holds. Starts none. */
export async function status(flags: Flags, project: Project): Promise<number> {
  if (project.refusal !== undefined) return reportProblem(project.refusal);
  const { connection } = project;
  const greeting = connection === undefined ? undefined : await greet(connection);
  if (connection === undefined || greeting === undefined || greeting.kind === "nobody") {
    writeText(1, flags.json === true ? "null\n" : `no daemon runs for ${printable(project.root)}\n`);
    return 0;
  }
  if (greeting.kind === "silent") {
    return reportProblem(problem("daemon-start", "The daemon does not answer.", "prewarm stop"));
  }
  if (greeting.kind === "other") {
    connection.close();
    const { version, pid } = greeting.hello;
    writeText(1, `daemon ${pid} is prewarm ${version}\n`);
    return 0;
  }
  connection.send({ type: "status" });
  const answer = await connection.receive(LONGEST_ANSWER_MS);
  connection.close();
  if (answer === undefined || "kind" in answer || answer.type !== "status") return reportProblem(daemonLeft(""));
  const lines = flags.json === true ? [JSON.stringify(answer.status)] : describeStatus(answer.status).map(printable);
  writeText(1, `${lines.join("\n")}\n`);
  return 0;
}
