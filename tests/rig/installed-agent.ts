import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** What `pip install` is given. */
export const agentPackage = fileURLToPath(new URL("../../agent", import.meta.url));

/** The `prewarm` command of this clone, as PREWARM_BIN takes it. */
export const ownCommand = fileURLToPath(new URL("../../bin/prewarm.js", import.meta.url));

/**
 * A folder for PYTHONPATH in which the agent package is installed, as far as Python can tell: the package itself, and the
 * entry points of `agent/pyproject.toml` beside it. It is removed at the end of the test.
 */
export function installAgent(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "pw-agent-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const manifest = readFileSync(join(agentPackage, "pyproject.toml"), "utf8");
  const version = /^version = "(.*)"$/m.exec(manifest)?.[1];
  const points = /^\[project\.entry-points\.pytest11\]\n((?:\w.*\n)*)/m.exec(manifest)?.[1] ?? "";
  const metadata = join(folder, `prewarm-${version}.dist-info`);
  mkdirSync(metadata);
  writeFileSync(join(metadata, "METADATA"), `Metadata-Version: 2.1\nName: prewarm\nVersion: ${version}\n`);
  writeFileSync(join(metadata, "entry_points.txt"), `[pytest11]\n${points.replaceAll('"', "")}`);
  writeFileSync(join(metadata, "RECORD"), "prewarm/__init__.py,,\nprewarm/plugin.py,,\n");
  symlinkSync(join(agentPackage, "prewarm"), join(folder, "prewarm"));
  return folder;
}
