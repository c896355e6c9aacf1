import { relative, resolve } from "node:path";
import { problem } from "../../protocol/errors.ts";
import { printable } from "../../surfaces/terminal/terminal.ts";
import { greet } from "../client.ts";
import { daemonLeft } from "../daemon-left.ts";
import type { Project } from "../project.ts";
import { reportProblem } from "../report-problem.ts";
import { writeText } from "../write-output.ts";

const LONGEST_ANSWER_MS = 15_000;

/** `prewarm why [TEST|FILE]`: explains the last decision of a watch. Starts no daemon. */
export async function why(about: string, project: Project): Promise<number> {
  if (project.refusal !== undefined) return reportProblem(project.refusal);
  const { connection, root, cwd } = project;
  const greeting = connection === undefined ? undefined : await greet(connection);
  if (connection === undefined || greeting === undefined || greeting.kind === "nobody") {
    writeText(1, `no daemon runs for ${printable(root)}\n`);
    return 0;
  }
  if (greeting.kind !== "ours") {
    connection.close();
    return reportProblem(problem("daemon-start", "The daemon does not answer.", "prewarm stop"));
  }
  // A path is meant from where it was typed; a node id starts at pytest's root.
  const name = about === "" || about.includes("::") ? about : relative(root, resolve(cwd, about));
  connection.send({ type: "why", about: name });
  const answer = await connection.receive(LONGEST_ANSWER_MS);
  connection.close();
  if (answer === undefined || "kind" in answer || answer.type !== "why") return reportProblem(daemonLeft(""));
  writeText(1, `${answer.lines.map(printable).join("\n")}\n`);
  return 0;
}
