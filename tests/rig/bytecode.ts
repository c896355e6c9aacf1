import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, isAbsolute, join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** A folder for `PYTHONPYCACHEPREFIX`: it has the bytecode of all that is installed, and none of any test's project. */
    readonly bytecode: string;
  }
}

/**
 * Plain pytest must not read bytecode of a project's files, which an edit within the same second leaves as it was. To compile
 * pytest itself for each run would take three times as long as the run.
 */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), "pw-bytecode-"));
  const interpreter = project.config.env.PREWARM_TEST_INTERPRETER ?? "python3";
  const text = execFileSync(interpreter, ["-c", "import json, sys; print(json.dumps(sys.path[1:]))"], {
    encoding: "utf8",
  });
  const folders = (JSON.parse(text) as readonly string[]).filter((each) => isAbsolute(each));
  for (const each of folders) {
    if (!folders.some((other) => each.startsWith(`${other}/`))) linkBytecode(each, folder);
  }
  project.provide("bytecode", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}

function linkBytecode(installed: string, prefix: string): void {
  for (const entry of filesBelow(installed)) {
    if (basename(entry.parentPath) !== "__pycache__" || !entry.isFile()) continue;
    const place = join(prefix, dirname(entry.parentPath));
    mkdirSync(place, { recursive: true });
    symlinkSync(join(entry.parentPath, entry.name), join(place, entry.name));
  }
}

function filesBelow(folder: string) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true });
  } catch {
    // Python names the archive of its library, which need not be there.
    return [];
  }
}
