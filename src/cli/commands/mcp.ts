// The entry of a bundle of its own: the protocol's library is heavier than all else that a command loads.
import { serveAgent } from "../../surfaces/mcp/mcp-server.ts";
import { openDoor } from "../daemon-door.ts";
import type { Flags } from "../parse-arguments.ts";
import type { Project } from "../project.ts";
import { reportProblem } from "../report-problem.ts";

/** `prewarm mcp`: answers an agent until standard input ends. */
export async function mcp(words: readonly string[], flags: Flags, project: Project): Promise<number> {
  project.connection?.close();
  const opened = await openDoor({ ...flags, cwd: project.cwd, command: words });
  if (!opened.ok) return reportProblem(opened.error);
  using door = opened.value;
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  process.stdin.on("close", resolve);
  process.stdin.on("end", resolve);
  serveAgent(door);
  await ended;
  return 0;
}
