import { existsSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { failed, ok, type Result } from "../base/result.ts";
import type { Launch } from "../protocol/api.ts";
import { type Problem, problem } from "../protocol/errors.ts";
import { askToolsWhenNeeded, objectionToVersion } from "./launch.ts";
import { shellWords } from "./parse-arguments.ts";
import { readPythonWords } from "./program-words.ts";
import { innerCommand, isPythonName } from "./pytest-command.ts";
import { type FoundPython, findPython, namedPython, type Surroundings } from "./python/find-python.ts";
import { findOnPath } from "./python/path-lookup.ts";
import { readShebang } from "./python/shebang.ts";

/** Finds interpreter and script of a Python program that is no pytest. `python` is the value of `--python`. */
export async function findProgram(
  words: readonly string[],
  python: string | undefined,
  around: Surroundings,
): Promise<Result<Launch, Problem>> {
  const [program = "", ...rest] = words;
  if (isPythonName(basename(program))) {
    const read = readPythonWords(rest);
    if (!read.ok) return read;
    const { flags, command, script, args } = read.value;
    if (command === "script" && !existsSync(resolve(around.cwd, script))) return failed(missing(script));
    const isMeant = program.includes("/") || /\d\.\d|pypy/.test(basename(program));
    const found = await findInterpreter(python ?? (isMeant ? program : undefined), around);
    return found.ok ? ok({ python: found.value.python, script, isModule: false, args, command, flags }) : found;
  }
  const place = await findScript(program, python, around);
  if (!place.ok) return place;
  const { script, shebang } = place.value;
  const isAsked = python !== undefined || shebang === undefined || !isAbsolute(shebang);
  const found = await findInterpreter(isAsked ? python : shebang, around);
  if (!found.ok) return found;
  return ok({ python: found.value.python, script, isModule: false, args: rest, command: "script", flags: [] });
}

interface Script {
  /** As a plain start would name it. */
  readonly script: string;
  /** The interpreter that it asks for by its path. */
  readonly shebang: string | undefined;
}

/** A path is meant as it stands; a name is a console script of the environment, one on PATH, or a file that lies here. */
async function findScript(
  program: string,
  python: string | undefined,
  around: Surroundings,
): Promise<Result<Script, Problem>> {
  const isPath = program.includes("/");
  const found = isPath ? undefined : await findInterpreter(python, around);
  const own = found?.ok === true ? join(dirname(found.value.python), program) : undefined;
  const here = isFile(resolve(around.cwd, program)) ? program : undefined;
  const script =
    (own !== undefined && isFile(own) ? own : undefined) ??
    (isPath ? here : (findOnPath(program, around.env.PATH) ?? here));
  if (script === undefined) return failed(isPath ? missing(program) : unknown(program, own));
  const path = resolve(around.cwd, script);
  const shebang = readShebang(path, around.env.PATH);
  if (shebang === undefined && !script.endsWith(".py")) return failed(notPython(program, path, around));
  // `env python` is whichever the project uses.
  return ok({ script, shebang: isOfEnvironment(path, shebang) ? shebang : undefined });
}

/** A console script and its interpreter lie in one folder. */
function isOfEnvironment(script: string, shebang: string | undefined): boolean {
  return shebang !== undefined && dirname(shebang) === dirname(script);
}

async function findInterpreter(named: string | undefined, around: Surroundings): Promise<Result<FoundPython, Problem>> {
  const chosen =
    named === undefined
      ? await findPython(around, undefined, askToolsWhenNeeded, false)
      : namedPython(named, "flag", around);
  if (!chosen.ok) return chosen;
  const objection = objectionToVersion(chosen.value.used, around);
  return objection === undefined ? ok(chosen.value.used) : failed(objection);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function missing(script: string): Problem {
  return problem("path-missing", `There is no ${script}.`, "prewarm run -- python script.py");
}

function unknown(program: string, own: string | undefined): Problem {
  const places = own === undefined ? "on PATH" : `in ${dirname(own)}, on PATH, or here`;
  return problem("path-missing", `There is no program \`${program}\` ${places}.`, "prewarm run -- python -m MODULE");
}

function notPython(program: string, path: string, { cwd }: Surroundings): Problem {
  const shown = path.startsWith(`${cwd}/`) ? path.slice(cwd.length + 1) : path;
  const sentence = `Expected a Python program after \`--\`, got \`${program}\` (${shown}): prewarm serves scripts, modules and console scripts of Python.`;
  return problem("not-supported", sentence, "prewarm run -- python script.py");
}

/** What is wrong with words that start another program, which then starts Python: `uv run flask`. */
export function objectToRunner(words: readonly string[]): Problem | undefined {
  const inner = innerCommand(words);
  if (inner === undefined) return undefined;
  const [runner = ""] = words;
  const sentence = `Expected a Python program after \`--\`, got \`${runner}\`, which starts one.`;
  const next = `prewarm -- ${shellWords(inner)}      (prewarm finds ${runner}'s environment by itself)`;
  return problem("not-supported", sentence, next);
}
