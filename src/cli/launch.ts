import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { failed, ok, type Result } from "../base/result.ts";
import type { Launch } from "../protocol/api.ts";
import { type Problem, problem } from "../protocol/errors.ts";
import { readPytestCommand } from "./pytest-command.ts";
import { type Choice, type FoundPython, findPython, namedPython, type Surroundings } from "./python/find-python.ts";
import { findOnPath } from "./python/path-lookup.ts";
import { readShebang } from "./python/shebang.ts";

const OLDEST_MINOR = 9;

/** How the typed command is started, and the environments that it was chosen from. */
export interface FoundLaunch {
  readonly launch: Launch;
  readonly choice: Choice;
}

/** Finds interpreter and script for the words after `--`. `python` is the value of `--python`. */
export async function findLaunch(
  words: readonly string[],
  python: string | undefined,
  around: Surroundings,
): Promise<Result<FoundLaunch, Problem>> {
  const read = readPytestCommand(words);
  if (!read.ok) return read;
  const command = read.value;
  const script = command.script === undefined ? undefined : resolve(around.cwd, command.script);
  if (script !== undefined && !existsSync(script)) {
    return failed(problem("path-missing", `There is no ${command.script}.`, "prewarm run -- pytest"));
  }
  const named = python ?? command.python ?? (script && readShebang(script, around.env.PATH));
  const chosen =
    python === undefined && named !== undefined
      ? namedPython(named, "path", around)
      : await findPython(around, named, askToolsWhenNeeded);
  if (!chosen.ok) return chosen;
  const { used } = chosen.value;
  const objection = objectionTo(used, around);
  if (objection !== undefined) return failed(objection);
  const launch = {
    python: used.python,
    script: command.isModule
      ? join(used.pytestFolder ?? join(dirname(used.python), "pytest"), "__main__.py")
      : (script ?? join(dirname(used.python), "pytest")),
    isModule: command.isModule,
    args: command.args,
  };
  return ok({ launch, choice: chosen.value });
}

/** What is known to be wrong with an interpreter without starting it. */
function objectionTo(used: FoundPython, around: Surroundings): Problem | undefined {
  const tooOld = objectionToVersion(used, around);
  if (tooOld !== undefined) return tooOld;
  const { shown, named } = namesOf(used, around);
  const another = "another interpreter: prewarm run --python PATH";
  if (used.hasPytest !== "no") return undefined;
  const next = `${installCommand(shown, used, around)} pytest      ${another}`;
  return problem("no-pytest", `${named} cannot import pytest.`, next);
}

function namesOf(used: FoundPython, { cwd }: Surroundings): { readonly shown: string; readonly named: string } {
  const shown = used.python.startsWith(`${cwd}/`) ? used.python.slice(cwd.length + 1) : used.python;
  return { shown, named: used.version === undefined ? shown : `${shown} (Python ${used.version})` };
}

/** What is wrong with the version of an interpreter. */
export function objectionToVersion(used: FoundPython, around: Surroundings): Problem | undefined {
  const minor = /^3\.(\d+)/.exec(used.version ?? "")?.[1];
  if (minor === undefined || Number(minor) >= OLDEST_MINOR) return undefined;
  const sentence = `Expected Python 3.${OLDEST_MINOR} or newer, got ${namesOf(used, around).named}.`;
  return problem("python-too-old", sentence, "prewarm run --python PATH      plain pytest: prewarm run --no-daemon");
}

// uv's environments have no pip of their own.
function installCommand(shown: string, used: FoundPython, { root, env }: Surroundings): string {
  if (existsSync(join(root, "uv.lock"))) return "uv add --dev";
  if (existsSync(join(root, "poetry.lock"))) return "poetry add --group dev";
  if (existsSync(join(root, "pdm.lock"))) return "pdm add --dev";
  const hasPip = existsSync(join(dirname(used.python), "pip"));
  const hasUv = findOnPath("uv", env.PATH) !== undefined;
  return !hasPip && hasUv ? `uv pip install --python ${shown}` : `${shown} -m pip install`;
}

/** Asks the project's tool for its environment. */
export async function askToolsWhenNeeded(around: Surroundings): Promise<string | undefined> {
  const { askTools } = await import("./python/ask-tools.ts");
  return askTools(around);
}
