import { existsSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import { failed, ok, type Result } from "../../base/result.ts";
import { type Problem, problem } from "../../protocol/errors.ts";
import { ancestors } from "../project-root.ts";
import { findOnPath, isExecutable } from "./path-lookup.ts";
import { findLocalPyenv, resolveShim } from "./pyenv.ts";
import { readShebang } from "./shebang.ts";
import { type Environment, inspectEnvironment } from "./site-packages.ts";

/** Where to look, and from where. */
export interface Surroundings {
  readonly cwd: string;
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** An interpreter that was found. `python` is an absolute path; links are kept, since they decide the environment. */
export interface FoundPython extends Environment {
  readonly python: string;
  readonly origin: Origin;
}

/** What pointed at an interpreter. */
export type Origin = "flag" | "variable" | "active" | "folder" | "tool" | "pyenv" | "path";

/** The interpreter to use, and another environment with pytest that might have been meant. */
export interface Choice {
  readonly used: FoundPython;
  readonly other: FoundPython | undefined;
}

const FOLDERS = [".venv", "venv", "env"] as const;

/**
 * Chooses the interpreter whose pytest a person expects: the named one, else the active environment, else one beside
 * the project, else that of the project's tool, of pyenv, of PATH. Looks at files only; `askTools` starts a program. For what is no
 * pytest `needsPytest` is false, and the nearest environment is used.
 */
export async function findPython(
  around: Surroundings,
  named: string | undefined,
  askTools: (around: Surroundings) => Promise<string | undefined>,
  needsPytest = true,
): Promise<Result<Choice, Problem>> {
  const wanted = named ?? (around.env.PREWARM_PYTHON || undefined);
  if (wanted !== undefined) return namedPython(wanted, named === undefined ? "variable" : "flag", around);
  const near = environmentsNear(around);
  const [used, other] = needsPytest ? near.filter((each) => each.hasPytest !== "no") : near;
  if (used !== undefined) return ok({ used, other: other?.hasPytest === "yes" ? other : undefined });
  const asked = await askTools(around);
  const tool = asked === undefined ? [] : [inspect(asked, "tool", around)];
  const far = near.length === 0 && tool.length === 0 ? interpretersElsewhere(around) : [];
  const chosen = [...tool, ...near, ...far];
  const best =
    chosen.find((each) => each.hasPytest === "yes") ?? chosen.find((each) => each.hasPytest !== "no") ?? chosen[0];
  if (best !== undefined) return ok({ used: best, other: undefined });
  const next = "prewarm run --python PATH -- pytest      (the interpreter of your environment)";
  return failed(problem("no-python", "There is no virtual environment and no `python3` on PATH.", next));
}

/** An interpreter or an environment's folder that was named: it is used, or it is an error. */
export function namedPython(wanted: string, origin: Origin, around: Surroundings): Result<Choice, Problem> {
  const path = wanted.includes("/") ? resolve(around.cwd, wanted) : findNamed(wanted, around);
  const python = path === undefined || isExecutable(path) ? path : join(path, "bin", "python");
  if (python === undefined || !isExecutable(python)) {
    const by = origin === "flag" ? "`--python`" : origin === "variable" ? "PREWARM_PYTHON" : "the command";
    const sentence = `Expected ${by} to name a Python interpreter, got \`${wanted}\`.`;
    return failed(problem("no-python", sentence, "prewarm run --python .venv/bin/python -- pytest"));
  }
  return ok({ used: inspect(resolveShim(python, around.cwd, around.env), origin, around), other: undefined });
}

function findNamed(wanted: string, around: Surroundings): string | undefined {
  return (
    findOnPath(wanted, around.env.PATH) ?? (existsSync(join(around.cwd, wanted)) ? join(around.cwd, wanted) : undefined)
  );
}

/** The active environment, then those in folders at or above the working directory, each once. */
function environmentsNear(around: Surroundings): readonly FoundPython[] {
  const { env } = around;
  const active = [env.VIRTUAL_ENV, isOwnConda(env) ? env.CONDA_PREFIX : undefined];
  const folders = foldersAbove(around).flatMap((folder) => FOLDERS.map((name) => join(folder, name)));
  const project = env.UV_PROJECT_ENVIRONMENT;
  if (project) folders.unshift(resolve(around.root, project));
  const seen = new Set<string>();
  const found: FoundPython[] = [];
  for (const [prefixes, origin] of [
    [active, "active"],
    [folders, "folder"],
  ] as const) {
    for (const prefix of prefixes) {
      if (!prefix || !isAbsolute(prefix) || seen.has(prefix)) continue;
      seen.add(prefix);
      const python = join(prefix, "bin", "python");
      if (isExecutable(python)) found.push(inspect(python, origin, around));
    }
  }
  return found;
}

// conda's base is active in every shell of many people: it is the system's Python more than the project's.
function isOwnConda(env: Surroundings["env"]): boolean {
  return env.CONDA_DEFAULT_ENV !== "base";
}

// A workspace keeps one environment at its top, above the project that the command is called in.
function foldersAbove({ cwd, root }: Surroundings): readonly string[] {
  const folders = ancestors(cwd);
  const top = folders.findIndex((folder) => existsSync(join(folder, ".git")));
  const last = top === -1 ? folders.indexOf(root) : top;
  return folders.slice(0, last + 1);
}

function interpretersElsewhere(around: Surroundings): readonly FoundPython[] {
  const { cwd, env } = around;
  const found: FoundPython[] = [];
  const add = (python: string | undefined, origin: Origin): void => {
    if (python !== undefined) found.push(inspect(resolveShim(python, cwd, env), origin, around));
  };
  add(findLocalPyenv(cwd, env), "pyenv");
  const pytest = findOnPath("pytest", env.PATH);
  const behind = pytest === undefined ? undefined : readShebang(pytest, env.PATH);
  // The command that a shell would start: its interpreter has pytest, wherever that lies.
  if (behind !== undefined) found.push({ ...inspect(behind, "path", around), hasPytest: "yes" });
  if (env.CONDA_PREFIX) add(findOnPath("python", join(env.CONDA_PREFIX, "bin")), "active");
  add(findOnPath("python3", env.PATH) ?? findOnPath("python", env.PATH), "path");
  return found;
}

function inspect(python: string, origin: Origin, around: Surroundings): FoundPython {
  return { python, origin, ...inspectEnvironment(python, around.env) };
}

/** An environment as a person would name it: `.venv` for `/project/.venv/bin/python`. */
export function environmentName(python: string, cwd: string): string {
  const prefix = python.replace(/\/bin\/python[\d.]*$/, "");
  const below = relative(cwd, prefix);
  return below === "" || below.startsWith("..") ? prefix : below;
}
