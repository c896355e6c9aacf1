import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { failed, ok, type Result } from "../base/result.ts";
import { type Problem, problem } from "../protocol/errors.ts";
import type { Project } from "./project.ts";
import { makeStateFolder } from "./state-folder.ts";
import { pidFileOf } from "./stop-daemon.ts";

const LONGEST_START_MS = 30_000;
const PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 500;

/**
 * Starts a daemon that outlives this command, and waits until it listens. Where another daemon holds the project's
 * lock, ours leaves at once: then connect again. `attempt` counts from zero, and lengthens the pause before that. `idlePercent` is what comparisons with cold runs may take.
 */
export async function startDaemon(
  project: Project,
  ttlSeconds: number | undefined,
  attempt: number,
  idlePercent?: number,
): Promise<Result<"listens" | "left", Problem>> {
  const made = makeStateFolder(project.folder, project.userId);
  if (!made.ok) return made;
  const program = daemonProgram();
  if (program === undefined)
    return failed(problem("not-built", "dist/daemon.js is missing.", "npm ci && npm run build"));
  const log = openLog(project.folder.log);
  const child = spawn(
    process.execPath,
    // It collects its own garbage when nobody waits.
    ["--expose-gc", program, project.folder.path, project.root, String(ttlSeconds ?? ""), String(idlePercent ?? "")],
    { cwd: "/", detached: true, stdio: ["ignore", log, log, "pipe"], env: process.env },
  );
  if (log !== "ignore") closeSync(log);
  const outcome = await firstSign(child);
  child.unref();
  switch (outcome.kind) {
    case "ready":
      notePid(project, child.pid);
      return ok("listens");
    case "left":
      if (outcome.exit !== 0) return failed(didNotStart(project, `It ended with ${outcome.exit ?? "a signal"}`));
      await wait(Math.min(PAUSE_MS * attempt, LONGEST_PAUSE_MS));
      return ok("left");
    case "failed":
      return failed(didNotStart(project, outcome.reason));
    case "silent":
      child.kill();
      return failed(didNotStart(project, `It did not listen within ${LONGEST_START_MS / 1000} s`));
    default:
      return outcome satisfies never;
  }
}

// Without its log a daemon works as well.
function openLog(path: string): number | "ignore" {
  try {
    return openSync(path, "a", 0o600);
  } catch {
    return "ignore";
  }
}

function notePid({ folder }: Project, pid: number | undefined): void {
  try {
    writeFileSync(pidFileOf(folder), String(pid));
  } catch {
    // A full disk: only a daemon that does not answer would be asked for by this number.
  }
}

type Sign =
  | { readonly kind: "ready" }
  | { readonly kind: "left"; readonly exit: number | null }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "silent" };

function firstSign(child: ChildProcess): Promise<Sign> {
  const { promise, resolve } = Promise.withResolvers<Sign>();
  const timer = setTimeout(() => resolve({ kind: "silent" }), LONGEST_START_MS);
  const pipe = child.stdio[3];
  pipe?.once("data", () => resolve({ kind: "ready" }));
  child.once("error", (error) => resolve({ kind: "failed", reason: error.message }));
  child.once("exit", (exit) => resolve({ kind: "left", exit }));
  return promise.finally(() => {
    clearTimeout(timer);
    child.removeAllListeners();
    // The daemon keeps its end open no longer than it wants; ours must not keep this command alive.
    pipe?.destroy();
  });
}

// Bundled, this file lies beside the daemon; from source, the built one is used.
function daemonProgram(): string | undefined {
  const here = import.meta.dirname;
  return [join(here, "daemon.js"), join(here, "../../dist/daemon.js")].find((path) => existsSync(path));
}

function didNotStart(project: Project, how: string): Problem {
  const last = lastLineOf(project.folder.log);
  const sentence = `The daemon did not start. ${how}${last === "" ? "." : `: ${last}`}`;
  return problem("daemon-start", sentence, "prewarm logs      without it: prewarm run --no-daemon -- pytest");
}

function lastLineOf(log: string): string {
  try {
    const lines = readFileSync(log, "utf8").trimEnd().split("\n");
    return lines.findLast((line) => /^\S*Error\b/.test(line)) ?? lines.at(-1) ?? "";
  } catch {
    return "";
  }
}
