import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import type { FinishedRun } from "../protocol/api.ts";
import type { ColdSide } from "../report/verification.ts";

/** Holds one plugin and nothing else: what is there can be imported by the tests until the plugin takes it away. */
function pluginFolder(): string {
  const here = import.meta.dirname;
  const places = [join(here, "../agent/verify"), join(here, "../../agent/verify")];
  return places.find((path) => existsSync(path)) ?? here;
}

/**
 * Runs plain pytest in a process of its own, with these arguments and surroundings, and without a bytecode cache: Python
 * tells versions of a source apart by whole seconds and size. Its output goes to files in `folder`.
 */
export async function runCold(
  { launch, requester }: Pick<FinishedRun, "launch" | "requester">,
  folder: string,
): Promise<ColdSide> {
  const file = join(folder, "cold-outcomes.json");
  const { python, script, isModule, args } = launch;
  const isScript = !isModule && existsSync(script);
  const out = openSync(join(folder, "cold-stdout.txt"), "w");
  const err = openSync(join(folder, "cold-stderr.txt"), "w");
  const former = process.umask(requester.umask);
  const startMs = performance.now();
  const child = spawn(python, isScript ? [script, ...args] : ["-m", "pytest", ...args], {
    cwd: requester.cwd,
    env: withPlugin(requester.env, file, join(folder, "no-bytecode")),
    stdio: ["ignore", out, err],
  });
  process.umask(former);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once("error", reject);
  child.once("exit", (code, signal) => resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal]));
  const exit = await promise.finally(() => {
    closeSync(out);
    closeSync(err);
  });
  const durationMs = performance.now() - startMs;
  return { exit, durationMs, ...readOutcomes(file) };
}

function withPlugin(env: Readonly<Record<string, string>>, file: string, cache: string): NodeJS.ProcessEnv {
  const { PYTHONPATH, PYTEST_PLUGINS } = env;
  const folder = pluginFolder();
  const before = { PYTHONPATH: PYTHONPATH ?? null, PYTEST_PLUGINS: PYTEST_PLUGINS ?? null };
  return {
    ...env,
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONPYCACHEPREFIX: cache,
    // A pytest with prewarm's own plugin would hand its command over to the daemon.
    PREWARM_DISABLE: "1",
    PYTHONPATH: PYTHONPATH === undefined ? folder : `${folder}:${PYTHONPATH}`,
    PYTEST_PLUGINS: PYTEST_PLUGINS ? `prewarm_verify,${PYTEST_PLUGINS}` : "prewarm_verify",
    PREWARM_VERIFY: JSON.stringify({ file, before }),
  };
}

/** Nothing where pytest did not come to its end: then the exit code tells. */
function readOutcomes(file: string): Pick<ColdSide, "outcomes" | "isWhole"> {
  if (!existsSync(file)) return { outcomes: new Map(), isWhole: false };
  const told = JSON.parse(readFileSync(file, "utf8")) as { outcomes: Record<string, string>; isWhole: boolean };
  return { outcomes: new Map(Object.entries(told.outcomes)), isWhole: told.isWhole };
}
