import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { statSignature } from "./fingerprint.ts";
import { systemPath } from "./system-path.ts";

const FILES_PER_STEP = 20;
const NOTHING = "nothing";

/** Statements, and calls such as `importlib.import_module` and `pytest.importorskip`. */
const IMPORTS = /import|pytest_plugins/;

/** A file that a timeline has used, as it was then. */
interface Used {
  readonly path: string;
  readonly mtimeNs: string;
  readonly size: number;
  readonly ino: string;
  readonly ctimeNs: string;
}

/** A file, its version, and a digest of its import lines; null where nothing but the same version will do. */
export type ImportSource = readonly [path: string, version: string, imports: string | null];

/** Describes these files for a later comparison, some a step; undefined where one of them has changed since it was used. */
export function* describeSources(files: readonly Used[]): Generator<void, readonly ImportSource[] | undefined> {
  const sources: ImportSource[] = [];
  for (const [index, file] of files.entries()) {
    if (index % FILES_PER_STEP === FILES_PER_STEP - 1) yield;
    const { path, size, mtimeNs, ino, ctimeNs } = file;
    const version = size === -1 ? NOTHING : `${mtimeNs} ${size} ${ino} ${ctimeNs}`;
    const imports = version === NOTHING || !path.endsWith(".py") ? null : digestOf(path);
    if (versionNow(path) !== version) return undefined;
    sources.push([path, version, imports]);
  }
  return sources;
}

/** The first of these files that may import something else than it did, or undefined. */
export function changedImports(sources: readonly ImportSource[]): string | undefined {
  const changed = sources.find(
    ([path, version, imports]) => versionNow(path) !== version && (imports === null || digestOf(path) !== imports),
  );
  return changed?.[0];
}

/** The lines of a Python source that import something, with those that they go on to, and their indentation. */
export function importLines(source: string): string {
  const kept: string[] = [];
  let depth = 0;
  let goesOn = false;
  for (const line of source.split("\n")) {
    if (!goesOn && !IMPORTS.test(line)) continue;
    kept.push(line.trimEnd());
    for (const character of line) {
      if (character === "(" || character === "[") depth += 1;
      if (character === ")" || character === "]") depth -= 1;
    }
    goesOn = depth > 0 || line.endsWith("\\");
    if (!goesOn) depth = 0;
  }
  return kept.join("\n");
}

function digestOf(path: string): string | null {
  try {
    return hash("sha1", importLines(readFileSync(systemPath(path), "latin1")), "hex");
  } catch {
    return null;
  }
}

function versionNow(path: string): string {
  const signature = statSignature(path);
  if (signature === undefined) return NOTHING;
  return `${signature.mtimeNs} ${signature.size} ${signature.ino} ${signature.ctimeNs}`;
}
