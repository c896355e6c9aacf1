import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** Programs of the system that lower a priority, or end their program with its parent. */
const WRAPPERS: readonly (readonly [name: string, ...words: string[]])[] = [
  ["nice", "-n", "19"],
  ["ionice", "-c", "3"],
  ["setpriv", "--pdeathsig", "KILL", "--"],
];

/** Words in front of a command line that is to be in nobody's way; those of programs that are not there are left out. */
export function lowPriorityWords(path: string | undefined): readonly string[] {
  const folders = (path ?? "").split(":").filter((folder) => folder.startsWith("/"));
  return WRAPPERS.flatMap(([name, ...words]) => {
    const found = folders.map((folder) => join(folder, name)).find(isProgram);
    return found === undefined ? [] : [found, ...words];
  });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
