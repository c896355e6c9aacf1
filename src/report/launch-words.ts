import type { Launch } from "../protocol/api.ts";

/** A command as a person would type it: the program and its arguments. */
export function launchWords({ command, script, isModule, args, flags = [] }: Launch): readonly string[] {
  switch (command) {
    case undefined:
      return [isModule ? "python -m pytest" : "pytest", ...args];
    case "module":
      return ["python", ...flags, "-m", script, ...args];
    case "code":
      return ["python", ...flags, "-c", script, ...args];
    case "script":
      // Of a console script the name is enough.
      return flags.length === 0 && script.includes("/bin/")
        ? [script.slice(script.lastIndexOf("/") + 1), ...args]
        : ["python", ...flags, script, ...args];
    default:
      return command satisfies never;
  }
}
