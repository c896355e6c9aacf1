import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { nearestName } from "../base/nearest-name.ts";

/** A checkpoint that names no file. */
export interface MissingCheckpoint {
  readonly path: string;
  /** Its place in the list. */
  readonly position: number;
  /** What lies there with nearly that name. */
  readonly nearest: string | undefined;
}

/** The absolute path of the file before which a timeline is cut: a package is cut before its `__init__.py`. */
export function checkpointFile(root: string, path: string): string {
  const absolute = resolve(root, path);
  return kindOf(absolute) === "folder" ? join(absolute, "__init__.py") : absolute;
}

/** The first of these paths that leads to no file, or undefined. */
export function missingCheckpoint(root: string, paths: readonly string[]): MissingCheckpoint | undefined {
  for (const [position, path] of paths.entries()) {
    const file = checkpointFile(root, path);
    if (kindOf(file) === "file") continue;
    return { path, position, nearest: nearestPath(root, path) };
  }
  return undefined;
}

function nearestPath(root: string, path: string): string | undefined {
  const folder = dirname(path);
  const name = nearestName(basename(path), namesIn(resolve(root, folder)));
  return name === undefined ? undefined : join(folder, name);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function kindOf(path: string): "file" | "folder" | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  return stats.isDirectory() ? "folder" : "file";
}
