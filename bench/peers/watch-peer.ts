import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { type Command, difference, hasCounts, lastLineOf, type Observation } from "./observe.ts";
import type { Peer, Request } from "./peer.ts";

const TIME_LIMIT_MS = 20_000;
/** The counts come before the end of a run, when some tools take no notice of an edit, and others prepare the next run. */
const AFTER_START_MS = 4_000;

interface Watching {
  readonly child: ChildProcess;
  readonly args: string;
  output: string;
}

/** A peer that stays in the foreground and runs again on every change: the time runs from the write to the line with the counts. */
export function watchPeer(name: string, folder: string, commandFor: (request: Request) => Command): Peer {
  let watching: Watching | undefined;

  async function stop(): Promise<void> {
    const child = watching?.child;
    watching = undefined;
    if (child === undefined) return;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit");
      signalGroup(child, "SIGINT");
      const reluctant = setTimeout(() => signalGroup(child, "SIGKILL"), 5000);
      await ended;
      clearTimeout(reluctant);
    }
    signalGroup(child, "SIGKILL");
  }

  async function start(request: Request): Promise<Watching> {
    await stop();
    const command = commandFor(request);
    const child = spawn(command.file, command.args, {
      cwd: command.cwd,
      env: command.env,
      stdio: ["pipe", "pipe", "pipe"],
      // A process group of its own: not every tool ends the processes that it started.
      detached: true,
    });
    const started: Watching = { child, args: request.args.join(" "), output: "" };
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk: string) => {
        started.output += chunk;
        child.emit("words");
      });
    }
    watching = started;
    await counts(started, () => hasCounts(started.output));
    await wait(AFTER_START_MS);
    return started;
  }

  return {
    name,
    folder,
    offers: (request) => request.afterEdit,
    async run(request, change, expected): Promise<Observation> {
      const isUsable = watching?.args === request.args.join(" ") && watching.child.exitCode === null;
      const current = isUsable && watching !== undefined ? watching : await start(request);
      current.output = "";
      const startMs = performance.now();
      change();
      const seen = (): Observation => ({
        durationMs: performance.now() - startMs,
        exit: undefined,
        output: current.output,
      });
      // A run for the state before the change may still be on its way: what counts is when the right verdict stands there.
      await counts(current, () => hasCounts(current.output) && difference(seen(), expected) === undefined);
      return seen();
    },
    stop,
  };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nobody of the group is left.
  }
}

/** Waits until what has been printed is enough; throws with the last line where it never is. */
async function counts(watching: Watching, done: () => boolean): Promise<void> {
  const { child } = watching;
  const patience = setTimeout(() => child.emit("words"), TIME_LIMIT_MS);
  const deadlineMs = performance.now() + TIME_LIMIT_MS - 1;
  const wake = (): boolean => child.emit("words");
  child.on("exit", wake);
  try {
    while (!done()) {
      const isOver = child.exitCode !== null || child.signalCode !== null || performance.now() >= deadlineMs;
      if (isOver) throw new Error(`no right verdict, ${lastWordsOf(watching)}`);
      await once(child, "words");
    }
  } finally {
    clearTimeout(patience);
    child.off("exit", wake);
  }
}

function lastWordsOf({ child, output }: Watching): string {
  const how = child.exitCode === null ? `waited ${TIME_LIMIT_MS / 1000} s` : `ended with ${child.exitCode}`;
  return `${how}; last line: ${lastLineOf(output) || "none"}`;
}
