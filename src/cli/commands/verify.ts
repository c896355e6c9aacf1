import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failed, ok, type Result } from "../../base/result.ts";
import type { FinishedRun } from "../../protocol/api.ts";
import { type Problem, problem } from "../../protocol/errors.ts";
import { describeIdleComparison } from "../../report/idle-check-words.ts";
import { describeVerification, verifyOutcomes, type WarmSide } from "../../report/verification.ts";
import { printable } from "../../surfaces/terminal/terminal.ts";
import { runCold } from "../../verify/cold-run.ts";
import { keepEvidence } from "../../verify/evidence.ts";
import { readLastComparison } from "../../verify/last-comparison.ts";
import { greet, reachDaemon } from "../client.ts";
import { followRun } from "../follow-run.ts";
import { findLaunch } from "../launch.ts";
import type { Flags } from "../parse-arguments.ts";
import type { Project } from "../project.ts";
import { reportProblem } from "../report-problem.ts";
import { describeRequester } from "../requester.ts";
import { writeText } from "../write-output.ts";

const LONGEST_ANSWER_MS = 15_000;
const NEXT = "prewarm verify -- pytest ARGS";

/** `prewarm verify`: 0 where the last run, or one of these words, is what a cold plain pytest says; 1 where it is not. */
export async function verify(words: readonly string[], flags: Flags, project: Project): Promise<number> {
  if (flags.last === true) return showLast(words, flags, project);
  const folder = mkdtempSync(join(tmpdir(), "prewarm-verify-"));
  let isKept = false;
  try {
    const found = words.length === 0 ? await lastRun(project) : await runNow(words, flags, project, folder);
    if (!found.ok) return reportProblem(found.error);
    const run = found.value;
    const warm = warmSide(run);
    if (warm === undefined) return reportProblem(refuse("The run did not come to its end.", NEXT));
    const cold = await runCold(run, folder);
    const { differences, compared } = verifyOutcomes(warm, cold);
    isKept = differences.length > 0;
    const evidence = isKept ? folder : undefined;
    const lines = describeVerification({ differences, compared }, warm, cold, evidence);
    const exits = { prewarm: warm.exit, cold: cold.exit };
    const told = { equal: !isKept, compared, differences, exits, evidence: evidence ?? null };
    if (isKept) {
      const outcomes = { prewarm: run.outcomes, cold: Object.fromEntries(cold.outcomes), exits };
      keepEvidence(folder, outcomes, lines);
    }
    writeText(1, flags.json === true ? `${JSON.stringify(told)}\n` : `${lines.map(printable).join("\n")}\n`);
    return isKept ? 1 : 0;
  } finally {
    if (!isKept) rmSync(folder, { recursive: true, force: true });
  }
}

/** What prewarm has found by itself in idle time; also where no daemon runs any more. */
function showLast(words: readonly string[], flags: Flags, project: Project): number {
  project.connection?.close();
  if (words.length > 0) return reportProblem(problem("usage", "`--last` takes no command.", "prewarm verify --last"));
  if (project.refusal !== undefined) return reportProblem(project.refusal);
  const last = readLastComparison(project.folder.path);
  if (last === null) {
    const next = "docs/configuration.md: verify-when-idle      now: prewarm verify";
    return reportProblem(refuse("Nothing was compared in idle time.", next));
  }
  const lines = describeIdleComparison(last, Date.now());
  writeText(1, flags.json === true ? `${JSON.stringify(last)}\n` : `${lines.map(printable).join("\n")}\n`);
  return last.verdict === "different" ? 1 : 0;
}

/** What the daemon remembers; a problem where it remembers nothing that could be compared. */
async function lastRun(project: Project): Promise<Result<FinishedRun, Problem>> {
  if (project.refusal !== undefined) return failed(project.refusal);
  const { connection } = project;
  const greeting = connection === undefined ? undefined : await greet(connection);
  if (connection === undefined || greeting?.kind !== "ours") return failed(refuse("No run is remembered.", NEXT));
  connection.send({ type: "last-run" });
  const answer = await connection.receive(LONGEST_ANSWER_MS);
  connection.close();
  const run = answer !== undefined && "type" in answer && answer.type === "last-run" ? answer.run : null;
  if (run === null) return failed(refuse("No run is remembered.", NEXT));
  if (run.changed !== null) return failed(refuse(`Since the last run, ${run.changed}.`, NEXT));
  return ok(run);
}

/** Runs these words with prewarm; its output goes to files in `folder`. */
async function runNow(
  words: readonly string[],
  flags: Flags,
  project: Project,
  folder: string,
): Promise<Result<FinishedRun, Problem>> {
  const found = await findLaunch(words, flags.python, { cwd: project.cwd, root: project.root, env: process.env });
  if (!found.ok) return found;
  const reached = await reachDaemon(project, flags.ttlSeconds);
  if (!reached.ok) return reached;
  const { connection } = reached.value;
  const { launch } = found.value;
  const requester = await describeRequester(project.cwd, false);
  const rest = { watch: false, all: false, events: true, native: true, plain: "" };
  connection.send({ type: "run", launch, requester, ...rest });
  const outcomes: Record<string, FinishedRun["outcomes"][string]> = {};
  const end = await followRun(connection, {
    onOutput: (stream, bytes) => {
      writeFileSync(join(folder, `prewarm-${stream}.txt`), bytes, { flag: "a" });
      return true;
    },
    onEvent: (event) => {
      if (event.type === "test-finished") outcomes[event.id] = event.outcome;
      if (event.type === "collect-failed") outcomes[`collect:${event.id}`] = "error";
    },
  });
  connection.close();
  if (end.kind === "failed") return failed(end.problem);
  if (end.kind !== "finished") return failed(refuse("The run did not come to its end.", "prewarm logs"));
  return ok({ launch, requester, record: end.record, outcomes, outdated: [], selection: "all", changed: null });
}

function warmSide({ record, outcomes, outdated, selection }: FinishedRun): WarmSide | undefined {
  const { exit, way, durationMs } = record;
  if (exit === null) return undefined;
  return {
    ...{ exit, way, durationMs, selection },
    outcomes: new Map(Object.entries(outcomes)),
    outdated: new Set(outdated),
  };
}

function refuse(sentence: string, next: string): Problem {
  return problem("not-verified", sentence, next);
}
