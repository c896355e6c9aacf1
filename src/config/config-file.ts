import { readFileSync } from "node:fs";
import { join } from "node:path";
import { failed, ok, type Result } from "../base/result.ts";
import { type Problem, problem } from "../protocol/errors.ts";
import type { TomlEntry } from "./toml-table.ts";

const OWN_FILE = "prewarm.toml";
const SHARED_FILE = "pyproject.toml";

/** Files of a project's root that can hold its configuration. */
export const CONFIG_FILES: readonly string[] = [OWN_FILE, SHARED_FILE];

/** A project's configuration as it is written. */
export interface ConfigFile {
  readonly name: string;
  /** What the keys belong to, as messages name it. */
  readonly table: string;
  readonly entries: readonly TomlEntry[];
}

/**
 * Reads `prewarm.toml`, or `[tool.prewarm]` of `pyproject.toml`; null where a project has neither. The parser is loaded only
 * where there is something for it.
 */
export async function readConfigFile(root: string): Promise<Result<ConfigFile | null, Problem>> {
  const own = await readOne(root, OWN_FILE, []);
  if (!own.ok) return own;
  const shared = await readOne(root, SHARED_FILE, ["tool", "prewarm"]);
  if (!shared.ok) return shared;
  if (own.value === null || shared.value === null) return ok(own.value ?? shared.value);
  const line = shared.value.entries[0]?.line;
  const place = line === undefined ? SHARED_FILE : `${SHARED_FILE}:${line}`;
  const sentence = `${place}: There are a ${OWN_FILE} and a [tool.prewarm]: only one of them can hold the configuration.`;
  return failed(problem("two-configurations", sentence, `move the keys into one of them`));
}

async function readOne(
  root: string,
  name: string,
  table: readonly string[],
): Promise<Result<ConfigFile | null, Problem>> {
  const text = textOf(join(root, name));
  // Most projects have nothing of ours: they need no parser.
  if (text === undefined || !table.every((part) => text.includes(part))) return ok(null);
  const { readTable } = await import("./toml-table.ts");
  const read = readTable(text, table);
  if (!read.ok) {
    const sentence = `${name}:${read.error.line}: This is no TOML: ${read.error.text}.`;
    return failed(problem("bad-toml", sentence, "mend it, or remove the file"));
  }
  const shown = table.length === 0 ? name : `[${table.join(".")}]`;
  return ok(read.value === undefined ? null : { name, table: shown, entries: read.value });
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
