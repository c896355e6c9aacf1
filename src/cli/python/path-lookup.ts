import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";

/** The first executable file of that name in the folders of PATH, or undefined. */
export function findOnPath(name: string, path: string | undefined): string | undefined {
  return (path ?? "")
    .split(":")
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/** Whether this is a file that the user may start. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
