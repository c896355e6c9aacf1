import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

const MARKERS = ["pyproject.toml", "prewarm.toml", "pytest.ini", "tox.ini", "setup.cfg", "setup.py", ".git"] as const;

/** The nearest folder, upwards from `cwd`, that looks like the top of a Python project; `cwd` itself where none does. */
export function findProjectRoot(cwd: string): string {
  return ancestors(cwd).find((folder) => MARKERS.some((name) => existsSync(join(folder, name)))) ?? cwd;
}

/** A folder and all folders above it, nearest first. */
export function ancestors(folder: string): readonly string[] {
  const folders = [folder];
  for (let current = folder; current !== dirname(current); current = dirname(current)) folders.push(dirname(current));
  return folders;
}
