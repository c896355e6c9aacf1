import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { runQuietly } from "./command.ts";

/** An interpreter of this machine. */
export interface FoundPython {
  readonly path: string;
  /** Such as "3.11.7". */
  readonly version: string;
}

/** Where virtual environments and source distributions are kept between runs. */
export function cacheHome(): string {
  return process.env.PREWARM_PARITY_HOME ?? join(homedir(), ".cache", "prewarm-parity");
}

/** Every CPython from 3.9 on, one a version: pyenv's and those on the PATH. */
export async function findPythons(): Promise<readonly FoundPython[]> {
  const pyenv = join(process.env.PYENV_ROOT ?? join(homedir(), ".pyenv"), "versions");
  const fromPyenv = existsSync(pyenv) ? readdirSync(pyenv).map((name) => join(pyenv, name, "bin", "python")) : [];
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.endsWith("shims"));
  const names = [...[9, 10, 11, 12, 13, 14].map((minor) => `python3.${minor}`), "python3"];
  const fromPath = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  const found = new Map<string, FoundPython>();
  const seen = new Set<string>();
  for (const path of [...fromPyenv, ...fromPath].filter(existsSync)) {
    const real = realpathSync(path);
    if (seen.has(real)) continue;
    seen.add(real);
    const code = "import sys, venv, ensurepip; print(sys.implementation.name, '%d.%d.%d' % sys.version_info[:3])";
    const answer = await runQuietly([path, "-c", code]).catch(() => "");
    const [implementation = "", version = ""] = answer.trim().split(" ");
    const [major = 0, minor = 0] = version.split(".").map(Number);
    if (implementation !== "cpython" || major !== 3 || minor < 9 || found.has(version)) continue;
    found.set(version, { path, version });
  }
  return [...found.values()].sort((left, right) => left.version.localeCompare(right.version, "en", { numeric: true }));
}

/** An environment that cannot be had, since a package asks for another Python. */
export class NoEnvironment extends Error {}

/** Makes or reuses a virtual environment with this pytest and these packages; answers its interpreter's path. */
export async function prepareEnvironment(
  base: string,
  pytestVersion: string,
  packages: readonly string[],
): Promise<string> {
  const version = (await runQuietly([base, "-c", "import sys; print('%d.%d.%d' % sys.version_info[:3])"])).trim();
  const key = createHash("sha256")
    .update(JSON.stringify([realpathSync(base), [...packages].sort()]))
    .digest("hex")
    .slice(0, 8);
  const folder = join(cacheHome(), "venvs", `py${version}-pytest${pytestVersion}-${key}`);
  const python = join(folder, "bin", "python");
  const ready = join(folder, "parity-ready");
  if (existsSync(ready)) return python;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, ".."), { recursive: true });
  await runQuietly([base, "-m", "venv", folder]);
  const pytest = pytestVersion === "newest" ? "pytest" : `pytest==${pytestVersion}`;
  const install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", pytest, ...packages];
  await runQuietly(install).catch((error: unknown) => {
    const reason = String(error);
    // Anything else, such as a registry out of reach, is a failure and not a rule.
    if (!/require a different python version|requires a different Python/i.test(reason)) throw error;
    throw new NoEnvironment(/No matching distribution[^\n]*/.exec(reason)?.[0] ?? "pip finds no version", {
      cause: error,
    });
  });
  writeFileSync(ready, `${packages.join(" ")}\n`);
  return python;
}
