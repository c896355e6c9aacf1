import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/**
 * Copies the built prewarm, so that a long run checks one build however the repository changes meanwhile.
 * Answers the path of the copy's command; the copy goes when this process ends.
 */
export function snapshotBuild(repositoryRoot: string, temporaryFolder: string): string {
  if (!existsSync(join(repositoryRoot, "dist")))
    throw new Error("Expected a built prewarm in dist/, got none: npm run build");
  const folder = mkdtempSync(join(temporaryFolder, "parity-build-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const part of ["bin", "dist", "agent", "package.json"]) {
    cpSync(join(repositoryRoot, part), join(folder, part), {
      recursive: true,
      filter: (path) => !path.endsWith("__pycache__"),
    });
  }
  symlinkSync(join(repositoryRoot, "node_modules"), join(folder, "node_modules"));
  return join(folder, "bin", "prewarm.js");
}
