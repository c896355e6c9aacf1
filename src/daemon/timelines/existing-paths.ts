import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** The arguments that name something that exists, or null where none does: then everything is wanted. */
export function existingPaths(args: readonly string[], cwd: string): readonly string[] | null {
  const paths = args.filter((each) => !each.startsWith("-") && existsSync(resolve(cwd, each.split("::")[0] ?? each)));
  return paths.length === 0 ? null : paths.map((each) => resolve(cwd, each));
}
