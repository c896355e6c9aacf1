// The virtual environments of the checks and of the demo: made once, made anew when their requirements change.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { capture, root, stream } from "./command.ts";

export interface PythonRequest {
  /** The environment's folder, absolute. */
  readonly folder: string;
  /** Requirement files, absolute; those that do not exist are passed over. */
  readonly requirements: readonly string[];
  /** The interpreter that the environment is made with. */
  readonly base: string;
  /** Whether what needs it can be left out; no unless told. */
  readonly isOptional?: true;
}

export interface Python {
  /** The interpreter to run: the environment's, or the machine's where nothing could be installed. */
  readonly path: string;
  /** Why it is not the environment's. */
  readonly fallback: string | undefined;
}

/**
 * Makes the environment unless it is there already, and installs its requirements. Where that fails
 * (no package index, no venv module) and the base interpreter has pytest itself, that one is used instead;
 * with the environment variable CI set, and where it has no pytest, this ends the process with a line that says why.
 * An environment that is optional never ends anything.
 */
export async function preparePython(request: PythonRequest): Promise<Python> {
  const path = join(request.folder, "bin", "python");
  const stamp = join(request.folder, "requirements.sha256");
  const version = await capture([request.base, "-c", "import sys; print(sys.version, sys.base_prefix)"]);
  if (version.exitCode !== 0) return stop(`${request.base} does not run: ${version.stderr.trim()}`);
  const files = request.requirements.filter((file) => existsSync(file));
  const wanted = fingerprint([version.stdout, ...files.map((file) => readFileSync(file, "utf8"))]);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return { path, fallback: undefined };

  await rm(stamp, { force: true });
  const problem = await install(request, path, files);
  if (problem === undefined) {
    await writeFile(stamp, wanted);
    return { path, fallback: undefined };
  }
  if (request.isOptional === true) return { path: request.base, fallback: problem };
  if (process.env.CI !== undefined || !(await hasModule(request.base, "pytest"))) return stop(problem);
  return { path: request.base, fallback: `${problem} The machine's ${request.base} is used instead.` };
}

/** Whether an interpreter can import a module. */
export async function hasModule(python: string, name: string): Promise<boolean> {
  return (await capture([python, "-c", `import ${name}`])).exitCode === 0;
}

async function install(request: PythonRequest, path: string, files: readonly string[]): Promise<string | undefined> {
  const name = relative(root, request.folder);
  console.log(`installing ${name} with ${request.base}`);
  if ((await stream([request.base, "-m", "venv", "--clear", request.folder])) !== 0) {
    return `${request.base} cannot make ${name}; Debian has what is missing in python3-venv.`;
  }
  const from = files.flatMap((file) => ["--requirement", file]);
  const pip = [path, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "2"];
  // Nobody waits for a compiler where a wheel is missing.
  if (request.isOptional === true) pip.push("--only-binary", ":all:");
  if ((await stream([...pip, ...from])) === 0) return undefined;
  return `The requirements of ${name} cannot be installed: pip's own message is above.`;
}

function stop(sentence: string): never {
  console.error(sentence);
  process.exit(69);
}

function fingerprint(texts: readonly string[]): string {
  return createHash("sha256").update(texts.join("\0")).digest("hex");
}
