import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { failed, ok, type Result } from "../base/result.ts";
import type { Launch } from "../protocol/api.ts";
import { type Problem, problem } from "../protocol/errors.ts";
import { readPytestCommand } from "./pytest-command.ts";
import { type Choice, findPython, namedPython, type Surroundings } from "./python/find-python.ts";
import { readShebang } from "./python/shebang.ts";

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
  if (used.hasPytest === "no") return failed(noPytest(used.python, used.version, around.cwd));
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

function noPytest(python: string, version: string | undefined, cwd: string): Problem {
  const shown = python.startsWith(`${cwd}/`) ? python.slice(cwd.length + 1) : python;
  const sentence = `${shown}${version === undefined ? "" : ` (Python ${version})`} cannot import pytest.`;
  const next = `${shown} -m pip install pytest      another interpreter: prewarm run --python PATH`;
  return problem("no-pytest", sentence, next);
}

async function askToolsWhenNeeded(around: Surroundings): Promise<string | undefined> {
  const { askTools } = await import("./python/ask-tools.ts");
  return askTools(around);
}
