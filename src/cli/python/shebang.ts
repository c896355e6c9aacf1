import { closeSync, openSync, readSync } from "node:fs";
import { basename, isAbsolute } from "node:path";
import { findOnPath } from "./path-lookup.ts";

const LONGEST_HEAD = 1024;

/** The interpreter that a script such as `bin/pytest` starts, as an absolute path, or undefined: none, or no Python. */
export function readShebang(script: string, path: string | undefined): string | undefined {
  const [first = "", second = ""] = headOf(script).split("\n");
  if (!first.startsWith("#!")) return undefined;
  const words = first.slice(2).trim().split(/\s+/);
  const program = words[0] ?? "";
  if (isPython(program)) return program;
  // Paths that are too long for a shebang, or hold a blank, are started by a shell.
  const quoted = /^'''exec' (?:"([^"]+)"|(\S+))/.exec(second);
  const executed = quoted?.[1] ?? quoted?.[2];
  if (executed !== undefined) return isPython(executed) ? executed : undefined;
  const named = words.slice(1).find((word) => !word.startsWith("-"));
  return basename(program) === "env" && named !== undefined && /^(?:python|pypy)[\d.]*$/.test(named)
    ? findOnPath(named, path)
    : undefined;
}

function isPython(program: string): boolean {
  return isAbsolute(program) && /^(?:python|pypy)[\d.]*t?$/.test(basename(program));
}

function headOf(file: string): string {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, "r");
    const head = Buffer.alloc(LONGEST_HEAD);
    return head.toString("utf8", 0, readSync(descriptor, head, 0, LONGEST_HEAD, 0));
  } catch {
    return "";
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
