import { nearestName } from "../base/nearest-name.ts";
import { failed, ok, type Result } from "../base/result.ts";
import { type Problem, problem } from "../protocol/errors.ts";
import { missingCheckpoint } from "./checkpoint-paths.ts";
import type { ConfigFile } from "./config-file.ts";
import { KEY_NAMES, KEYS, type Key, type KeyName, type Values } from "./keys.ts";
import type { TomlEntry } from "./toml-table.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a value comes from. */
export type Origin =
  | { readonly kind: "flag" | "variable"; readonly name: string }
  | { readonly kind: "file"; readonly name: string; readonly line: number }
  | { readonly kind: "default" };

/** What is in force, and where each value comes from. */
export interface Config {
  readonly values: Values;
  readonly origins: Readonly<Record<KeyName, Origin>>;
}

/** What can set a value. Flags are given by the names of their keys. */
export interface Sources {
  readonly root: string;
  readonly file: ConfigFile | null;
  readonly env: Environment;
  readonly flags: Readonly<Record<string, string>>;
}

const NEXT = "prewarm config      (every key, its value, and where it comes from)";

/** A flag wins over a variable, that over the file. The problem names the place of what is wrong. */
export function resolveConfig(sources: Sources): Result<Config, Problem> {
  const { file } = sources;
  const unknown = file?.entries.find(({ key }) => !KEY_NAMES.some((name) => name === key));
  if (file !== null && unknown !== undefined) return failed(unknownKey(file, unknown));
  const values: Partial<Record<KeyName, Values[KeyName]>> = {};
  const origins: Partial<Record<KeyName, Origin>> = {};
  for (const name of KEY_NAMES) {
    const found = resolveKey(name, sources);
    if (!found.ok) return found;
    values[name] = found.value.value;
    origins[name] = found.value.origin;
  }
  // Each key of the table was set in the loop.
  return ok({ values: values as unknown as Values, origins: origins as Config["origins"] });
}

/** A place as people read it: `pyproject.toml:12`, `PREWARM_TTL`, `--ttl`, `default`. */
export function describeOrigin(origin: Origin): string {
  if (origin.kind === "default") return "default";
  return origin.kind === "file" ? `${origin.name}:${origin.line}` : origin.name;
}

interface Found<Value> {
  readonly value: Value;
  readonly origin: Origin;
}

function resolveKey<Name extends KeyName>(
  name: Name,
  { root, file, env, flags }: Sources,
): Result<Found<Values[Name]>, Problem> {
  const key: Key<Values[Name]> = KEYS[name];
  const flag = flags[name];
  if (flag !== undefined) return fromText(name, key, flag, { kind: "flag", name: key.flag }, root);
  const variable = env[key.variable];
  if (variable) return fromText(name, key, variable, { kind: "variable", name: key.variable }, root);
  const entry = file?.entries.find((each) => each.key === name);
  if (file === null || entry === undefined) return ok({ value: key.initial, origin: { kind: "default" } });
  const origin: Origin = { kind: "file", name: file.name, line: entry.line };
  const value = key.fromFile(entry.value);
  if (value === undefined) {
    const { line, shown } = faultyPart(key, entry);
    return failed(badValue(key, shown, { ...origin, line }, name));
  }
  return checkPaths(name, { value, origin }, root, entry.valueLines);
}

function fromText<Value>(
  name: KeyName,
  key: Key<Value>,
  text: string,
  origin: Origin,
  root: string,
): Result<Found<Value>, Problem> {
  const value = key.fromText(text);
  if (value === undefined) return failed(badValue(key, text, origin, name));
  return checkPaths(name, { value, origin }, root, []);
}

/** A checkpoint before a file that is not there would never be left. */
function checkPaths<Value>(
  name: KeyName,
  found: Found<Value>,
  root: string,
  lines: readonly number[],
): Result<Found<Value>, Problem> {
  if (name !== "checkpoints" || !Array.isArray(found.value)) return ok(found);
  const missing = missingCheckpoint(root, found.value);
  if (missing === undefined) return ok(found);
  const { path, nearest, position } = missing;
  const { origin } = found;
  const place = describeOrigin(origin.kind === "file" ? { ...origin, line: lines[position] ?? origin.line } : origin);
  const hint = nearest === undefined ? "" : `; did you mean \`${nearest}\`?`;
  return failed(problem("bad-value", `${place}: checkpoints names \`${path}\`, which is no file${hint || "."}`, NEXT));
}

/** Of a list the value that does not fit, where it is one value's fault. */
function faultyPart<Value>(key: Key<Value>, { value, line, valueLines }: TomlEntry): { line: number; shown: string } {
  if (Array.isArray(value)) {
    const position = value.findIndex((part) => key.fromFile([part]) === undefined);
    if (position !== -1) return { line: valueLines[position] ?? line, shown: show(value[position]) };
  }
  return { line, shown: show(value) };
}

function badValue<Value>(
  { expected, variable, words }: Key<Value>,
  shown: string,
  origin: Origin,
  name: KeyName,
): Problem {
  const subject =
    origin.kind === "file" ? `${describeOrigin(origin)}: Expected ${name}` : `Expected ${describeOrigin(origin)}`;
  const next = origin.kind === "variable" ? `unset ${variable}      ${NEXT}` : NEXT;
  const nearest = nearestName(shown, words ?? []);
  const hint = nearest === undefined ? "." : `; did you mean \`${nearest}\`?`;
  return problem("bad-value", `${subject} to be ${expected}, got \`${shown}\`${hint}`, next);
}

function unknownKey({ name, table }: ConfigFile, { key, line }: TomlEntry): Problem {
  const nearest = nearestName(key, KEY_NAMES);
  const hint = nearest === undefined ? "." : `; did you mean \`${nearest}\`?`;
  return problem("unknown-key", `${name}:${line}: ${table} has no key \`${key}\`${hint}`, NEXT);
}

function show(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
}
