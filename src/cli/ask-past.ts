import { failed, ok, type Result } from "../base/result.ts";
import type { Problem } from "../protocol/errors.ts";
import type { Past } from "../protocol/past.ts";
import { reachDaemon } from "./client.ts";
import { refuseSystem } from "./daemon-door.ts";
import { daemonLeft } from "./daemon-left.ts";
import type { Project } from "./project.ts";

const LONGEST_ANSWER_MS = 30_000;

/** What is remembered of a project's runs; a daemon is started where none is there to ask. */
export async function askPast(project: Project, ttlSeconds: number | undefined): Promise<Result<Past, Problem>> {
  const refusal = refuseSystem("The history");
  if (refusal !== undefined) return failed(refusal);
  const reached = await reachDaemon(project, ttlSeconds);
  if (!reached.ok) return reached;
  const { connection } = reached.value;
  connection.send({ type: "past" });
  const answer = await connection.receive(LONGEST_ANSWER_MS);
  connection.close();
  if (answer === undefined || "kind" in answer || answer.type !== "past") return failed(daemonLeft(""));
  return ok(answer.past);
}
