import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ancestors } from "../project-root.ts";
import type { Surroundings } from "./find-python.ts";
import { findOnPath, isExecutable } from "./path-lookup.ts";

const LONGEST_ANSWER_MS = 10_000;

interface Tool {
  readonly program: string;
  /** Files of which one says that the project is managed by this tool. */
  readonly files: readonly string[];
  readonly args: readonly string[];
  /** The interpreter, from what the tool printed. */
  readonly read: (printed: string) => string;
}

const TOOLS: readonly Tool[] = [
  {
    program: "poetry",
    files: ["poetry.lock"],
    args: ["env", "info", "-p"],
    read: (prefix) => join(prefix, "bin", "python"),
  },
  { program: "pdm", files: ["pdm.lock"], args: ["info", "--python"], read: (python) => python },
  { program: "pipenv", files: ["Pipfile.lock", "Pipfile"], args: ["--py"], read: (python) => python },
  {
    program: "hatch",
    files: ["hatch.toml"],
    args: ["env", "find", "hatch-test"],
    read: (prefix) => join(prefix, "bin", "python"),
  },
];

/**
 * The interpreter that the project's own tool keeps elsewhere, or undefined. Starts a program only where the project
 * has that tool's lock file and the tool is installed; `.pdm-python` answers for pdm without one.
 */
export async function askTools({ cwd, root, env }: Surroundings): Promise<string | undefined> {
  const folders = ancestors(cwd).filter((folder) => folder.startsWith(root));
  for (const folder of folders) {
    const noted = readNote(join(folder, ".pdm-python"));
    if (noted !== undefined && isExecutable(noted)) return noted;
    for (const tool of TOOLS) {
      if (!tool.files.some((name) => existsSync(join(folder, name)))) continue;
      const program = findOnPath(tool.program, env.PATH);
      const printed = program === undefined ? "" : await ask(program, tool.args, folder, env);
      const python = printed === "" ? "" : tool.read(printed);
      if (python !== "" && isExecutable(python)) return python;
    }
  }
  return undefined;
}

function ask(program: string, args: readonly string[], cwd: string, env: Surroundings["env"]): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const options = { cwd, env: env as NodeJS.ProcessEnv, timeout: LONGEST_ANSWER_MS, encoding: "utf8" } as const;
  execFile(program, args, options, (error, stdout) => {
    resolve(error === null ? (stdout.trim().split("\n").at(-1) ?? "") : "");
  });
  return promise;
}

function readNote(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
}
