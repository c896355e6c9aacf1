import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { coldSide } from "./run-side.ts";

/**
 * Runners that stand in for prewarm to prove the comparison itself.
 * `plain` is plain pytest: no edit may lead to a difference. `stale` tests the project as it was when it first saw it,
 * as a daemon would that misses edits: differences must be found.
 */
export const standIns = ["plain", "stale"] as const;

/** Runs a stand-in in this process: `name OUTCOMES PYTHON PYTEST-ARGS...`; answers pytest's exit code. */
export async function runStandIn([
  name = "",
  outcomesPath = "",
  python = "",
  ...pytestArgs
]: readonly string[]): Promise<number> {
  const projectRoot = name === "stale" ? asFirstSeen(process.cwd()) : process.cwd();
  const side = coldSide({ projectRoot, python, environment: process.env });
  const result = await side.run(pytestArgs, { folder: join(dirname(outcomesPath), name), timeoutMs: 3_600_000 });
  process.stdout.write(readFileSync(result.stdoutPath));
  const outcomes = Object.fromEntries(result.outcomes ?? []);
  writeFileSync(outcomesPath, JSON.stringify({ exit: result.exitCode, outcomes }));
  return result.exitCode ?? 1;
}

function asFirstSeen(projectRoot: string): string {
  const former = `${projectRoot}-as-first-seen`;
  if (!existsSync(former)) cpSync(projectRoot, former, { recursive: true, preserveTimestamps: true });
  return former;
}
