import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { failed, ok, type Result } from "../base/result.ts";
import type { ImportFacts } from "../insight/import-facts.ts";
import type { Launch } from "../protocol/api.ts";
import { type Problem, problem } from "../protocol/errors.ts";

/** Exit codes of a collection that came to its end: all is well, files that do not collect, no tests. */
const COLLECTED: readonly number[] = [0, 1, 2, 5];

/**
 * Starts pytest in a process of its own up to the end of its collection, and tells what it has imported, and if wished how many functions
 * each module has, or what sockets C code leaves open, which takes some time for each module. Nothing is kept.
 */
export async function probeImports(
  { python, script, isModule, args }: Launch,
  cwd: string,
  wish: "imports" | "functions" | "sockets" = "imports",
): Promise<Result<ImportFacts, Problem>> {
  const folder = mkdtempSync(join(tmpdir(), "prewarm-probe-"));
  const file = join(folder, "imports.json");
  const errors = join(folder, "stderr");
  try {
    const order = { script, isModule, args: [...args, "--collect-only", "-q"], file, wish };
    // A pipe would stay open for as long as any process that an import has started.
    const stderr = openSync(errors, "w");
    const child = spawn(python, [probeProgram(), JSON.stringify(order)], {
      cwd,
      // A pytest with prewarm's own plugin would hand its command over to the daemon.
      env: { ...process.env, PREWARM_DISABLE: "1" },
      stdio: ["ignore", "ignore", stderr],
    });
    closeSync(stderr);
    await once(child, "exit");
    const facts = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as ImportFacts) : undefined;
    if (facts === undefined || !COLLECTED.includes(facts.exit)) {
      const last = readFileSync(errors, "utf8").trimEnd().split("\n").at(-1) ?? "";
      return failed(
        problem(
          "not-probed",
          `pytest did not come to the end of its collection. ${last}`.trim(),
          "prewarm run -- pytest",
        ),
      );
    }
    return ok(facts);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return failed(problem("not-probed", `${python} cannot be started (${reason}).`, "prewarm run --python PATH"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function probeProgram(): string {
  const here = import.meta.dirname;
  const places = ["../agent/probe", "../../agent/probe"].map((path) => join(here, path, "prewarm_probe.py"));
  return places.find((path) => existsSync(path)) ?? "prewarm_probe.py";
}
