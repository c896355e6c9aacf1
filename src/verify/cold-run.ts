import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import type { FinishedRun } from "../protocol/api.ts";
import type { ColdSide } from "../report/verification.ts";

/** How a cold run differs from one that a person would start; nothing of it where a person asks for it. */
export interface ColdWish {
  /** Words in front of Python's: programs that lower its priority. */
  readonly wrap: readonly string[];
  /** Runs these tests alone; null for all. What is collected stays the same. */
  readonly sample: readonly string[] | null;
  /** Ends it, with all that it has started in its process group. */
  readonly abort: AbortSignal;
}

/** A cold run that nobody may make, since it would write where a person's run has written. */
export class ColdRefused extends Error {}

/** Holds one plugin and nothing else: what is there can be imported by the tests until the plugin takes it away. */
function pluginFolder(): string {
  const here = import.meta.dirname;
  const places = [join(here, "../agent/verify"), join(here, "../../agent/verify")];
  return places.find((path) => existsSync(path)) ?? here;
}

/**
 * Runs plain pytest in a process of its own, with these arguments and surroundings, and without a bytecode cache: Python
 * tells versions of a source apart by whole seconds and size. Its output goes to files in `folder`. Throws `ColdRefused`
 * where a wished run would leave something behind.
 */
export async function runCold(
  { launch, requester }: Pick<FinishedRun, "launch" | "requester">,
  folder: string,
  wish?: ColdWish,
): Promise<ColdSide> {
  const file = join(folder, "cold-outcomes.json");
  const { python, script, isModule, args } = launch;
  const isScript = !isModule && existsSync(script);
  const words = [...(wish?.wrap ?? []), python, ...(isScript ? [script, ...args] : ["-m", "pytest", ...args])];
  const out = openSync(join(folder, "cold-stdout.txt"), "w");
  const err = openSync(join(folder, "cold-stderr.txt"), "w");
  const former = process.umask(requester.umask);
  const startMs = performance.now();
  const child = spawn(words[0] ?? python, words.slice(1), {
    cwd: requester.cwd,
    env: withPlugin(requester.env, file, folder, wish),
    stdio: ["ignore", out, err],
    // A group of its own, so that all of it can be ended.
    detached: wish !== undefined,
  });
  process.umask(former);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once("error", reject);
  child.once("exit", (code, signal) => resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]));
  using _ = endingWith(child, wish?.abort);
  const exit = await promise.finally(() => {
    closeSync(out);
    closeSync(err);
  });
  const durationMs = performance.now() - startMs;
  return { exit, durationMs, ...readOutcomes(file) };
}

function endingWith(child: ChildProcess, abort: AbortSignal | undefined): Disposable {
  const end = () => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch {
      // It ended in this moment.
    }
  };
  if (abort?.aborted === true) end();
  abort?.addEventListener("abort", end);
  return { [Symbol.dispose]: () => abort?.removeEventListener("abort", end) };
}

function withPlugin(
  env: Readonly<Record<string, string>>,
  file: string,
  runFolder: string,
  wish: ColdWish | undefined,
): NodeJS.ProcessEnv {
  const { PYTHONPATH, PYTEST_PLUGINS } = env;
  const folder = pluginFolder();
  const before = { PYTHONPATH: PYTHONPATH ?? null, PYTEST_PLUGINS: PYTEST_PLUGINS ?? null };
  return {
    ...env,
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONPYCACHEPREFIX: join(runFolder, "no-bytecode"),
    // A pytest with prewarm's own plugin would hand its command over to the daemon.
    PREWARM_DISABLE: "1",
    PYTHONPATH: PYTHONPATH === undefined ? folder : `${folder}:${PYTHONPATH}`,
    PYTEST_PLUGINS: PYTEST_PLUGINS ? `prewarm_verify,${PYTEST_PLUGINS}` : "prewarm_verify",
    PREWARM_VERIFY: JSON.stringify({ file, before, unasked: wish === undefined ? null : unasked(runFolder, wish) }),
  };
}

/** What the plugin has to know of a run that nobody has asked for. */
function unasked(folder: string, { sample }: ColdWish): { sample: string | null; cache: string } {
  const cache = join(folder, "cache");
  if (sample === null) return { sample: null, cache };
  // As a file: a variable has room for few of them.
  const list = join(folder, "sample.json");
  writeFileSync(list, JSON.stringify(sample));
  return { sample: list, cache };
}

/** Nothing where pytest did not come to its end: then the exit code tells. */
function readOutcomes(file: string): Pick<ColdSide, "outcomes" | "isWhole"> {
  if (!existsSync(file)) return { outcomes: new Map(), isWhole: false };
  const told = JSON.parse(readFileSync(file, "utf8")) as {
    readonly outcomes: Record<string, string>;
    readonly isWhole: boolean;
    readonly refused?: string;
  };
  if (told.refused !== undefined) throw new ColdRefused(told.refused);
  return { outcomes: new Map(Object.entries(told.outcomes)), isWhole: told.isWhole };
}
