import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ancestors } from "../project-root.ts";
import { isExecutable } from "./path-lookup.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** pyenv's folder, or undefined: pyenv is not there. */
function pyenvRoot(env: Variables): string | undefined {
  const root = env.PYENV_ROOT ?? (env.HOME && join(env.HOME, ".pyenv"));
  return root || undefined;
}

/** The interpreter that a `.python-version` at or above `cwd`, or PYENV_VERSION, names; undefined where none does. */
export function findLocalPyenv(cwd: string, env: Variables): string | undefined {
  const named =
    env.PYENV_VERSION?.split(":")[0] ?? firstNameIn(ancestors(cwd).map((each) => join(each, ".python-version")));
  return named === undefined ? undefined : interpreterOf(named, env);
}

/** What one of pyenv's shims would start, found by files: starting the shim itself takes a tenth of a second. */
export function resolveShim(python: string, cwd: string, env: Variables): string {
  const root = pyenvRoot(env);
  if (root === undefined || !python.startsWith(join(root, "shims/"))) return python;
  const named = firstNameIn([join(root, "version")]);
  return findLocalPyenv(cwd, env) ?? (named && interpreterOf(named, env)) ?? python;
}

function interpreterOf(named: string, env: Variables): string | undefined {
  const root = pyenvRoot(env);
  if (root === undefined) return undefined;
  const versions = join(root, "versions");
  const name = named.replace(/^python-/, "");
  const python = join(versions, name, "bin", "python");
  if (isExecutable(python)) return python;
  const newest = newestOf(versions, name);
  return newest === undefined ? undefined : join(versions, newest, "bin", "python");
}

// `3.11` means the newest 3.11 that is installed.
function newestOf(versions: string, prefix: string): string | undefined {
  if (!/^\d+(?:\.\d+)?$/.test(prefix)) return undefined;
  try {
    const names = readdirSync(versions).filter((name) => /^[\d.]+$/.test(name) && name.startsWith(`${prefix}.`));
    const byNumbers = new Intl.Collator("en", { numeric: true });
    return names.toSorted(byNumbers.compare).findLast((name) => isExecutable(join(versions, name, "bin", "python")));
  } catch {
    return undefined;
  }
}

function firstNameIn(files: readonly string[]): string | undefined {
  for (const file of files) {
    try {
      const lines = readFileSync(file, "utf8")
        .split("\n")
        .map((line) => line.trim());
      const name = lines.find((line) => line !== "" && !line.startsWith("#"));
      if (name !== undefined && name !== "system") return name;
    } catch {
      // No such file here: the folder above may have one.
    }
  }
  return undefined;
}
