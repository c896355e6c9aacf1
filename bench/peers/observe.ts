import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Verdict } from "../edits.ts";

/** What a person saw: how long it took until the verdict stood there, pytest's words, the exit code (none in watch mode). */
export interface Observation {
  readonly durationMs: number;
  /** From the request's arrival in the daemon to the verdict, where there is a daemon that tells. */
  readonly insideMs?: number | undefined;
  readonly exit: number | undefined;
  readonly output: string;
}

/** A command with its arguments, the folder it runs in and its whole environment. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

const TIME_LIMIT_MS = 60_000;

/** Makes the change, starts the command at once and waits for its end; the time runs from before the change. */
export async function observe(command: Command, change: () => void): Promise<Observation> {
  // A file and not a pipe: a daemon that was started by the command inherits it and may go on writing.
  const folder = mkdtempSync(join(tmpdir(), "prewarm-bench-"));
  const path = join(folder, "output");
  const descriptor = openSync(path, "w");
  try {
    const startMs = performance.now();
    change();
    const child = spawn(command.file, command.args, {
      cwd: command.cwd,
      env: command.env,
      stdio: ["ignore", descriptor, descriptor],
      timeout: TIME_LIMIT_MS,
      killSignal: "SIGKILL",
    });
    const [code, signal] = await once(child, "exit");
    const durationMs = performance.now() - startMs;
    if (signal !== null) throw new Error(`no verdict within ${TIME_LIMIT_MS / 1000} s`);
    return { durationMs, exit: Number(code), output: readFileSync(path, "utf8") };
  } finally {
    closeSync(descriptor);
    rmSync(folder, { recursive: true });
  }
}

/** What differs from the expected verdict, as one phrase; nothing where all is as expected. */
export function difference(observation: Observation, expected: Verdict, selects = false): string | undefined {
  const counts = countsOf(observation.output);
  if (observation.exit !== undefined && observation.exit !== expected.exit) {
    return `exit code ${observation.exit} instead of ${expected.exit}: ${lastLineOf(observation.output)}`;
  }
  if (counts === undefined) return `no counts: ${lastLineOf(observation.output)}`;
  for (const word of new Set([...counts.keys(), ...Object.keys(expected.counts)])) {
    const wanted = expected.counts[word] ?? 0;
    const got = counts.get(word) ?? 0;
    const isLeftOut = selects && (word === "passed" ? got < wanted : word === "deselected");
    if (got !== wanted && !isLeftOut) return `${got} ${word} instead of ${wanted}`;
  }
  const missing = expected.failed.find((nodeId) => !/(?:FAILED|fail) /.test(wordBefore(nodeId, observation.output)));
  return missing === undefined ? undefined : `${missing} did not fail`;
}

/** Whether pytest's last line, or another tool's line of results, has come. */
export function hasCounts(output: string): boolean {
  return countsOf(output) !== undefined;
}

/** The end of the last non-empty line. */
export function lastLineOf(output: string): string {
  return (output.trimEnd().split("\n").at(-1) ?? "").trim().slice(-160);
}

/** What the line with this node id begins with; empty where there is none. */
function wordBefore(nodeId: string, output: string): string {
  return output.split("\n").find((line) => line.includes(`${nodeId} `)) ?? "";
}

// "prewarm: pass all 11 ran: 10 passed, 1 skipped, patched 2, 38 ms", or "… 10 affected passed, 590 unaffected, not run, …".
function watchedCounts(output: string): ReadonlyMap<string, number> | undefined {
  const verdict = [...output.matchAll(/^prewarm: (?:pass|fail) (?:all )?\d.*$/gm)].at(-1)?.[0];
  if (verdict === undefined) return undefined;
  const counts = verdict.matchAll(/(\d+) (?:affected )?(passed|failed|errors?|skipped|xfailed|xpassed)/g);
  return new Map([...counts].map(([, count, word]) => [word ?? "", Number(count)]));
}

function countsOf(output: string): ReadonlyMap<string, number> | undefined {
  // "=== 1 failed, 9 passed in 0.05s ===" of pytest, "results : 600 passed  (n=600/600)" of pytest-fast.
  const summary = [...output.matchAll(/^(?:=* ?| *results : )((?:\d+ [a-z]+(?:, )?)+)(?: in [\d.]+s| +\(n=)/gm)].at(
    -1,
  )?.[1];
  if (summary === undefined) return watchedCounts(output);
  return new Map(summary.split(", ").map((part) => [part.split(" ")[1] ?? "", Number(part.split(" ")[0])]));
}
