import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** A folder of its own for one test. Files are written by their path in it; a path that ends in a slash is a folder. */
export function makeFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "prewarm-cli-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    const full = join(folder, path);
    mkdirSync(path.endsWith("/") ? full : dirname(full), { recursive: true });
    if (!path.endsWith("/")) writeFileSync(full, text);
  }
  return folder;
}

/** What a virtual environment looks like on disk, as far as it is looked at. */
export function makeEnvironment(
  prefix: string,
  options: { version?: string; hasPytest: boolean; config?: string },
): string {
  const { version = "3.12.4", hasPytest, config = `home = /usr/bin\nversion = ${version}\n` } = options;
  const packages = join(prefix, "lib", `python${version.split(".").slice(0, 2).join(".")}`, "site-packages");
  mkdirSync(packages, { recursive: true });
  mkdirSync(join(prefix, "bin"), { recursive: true });
  writeFileSync(join(prefix, "pyvenv.cfg"), config);
  const python = makeProgram(join(prefix, "bin", "python"));
  if (hasPytest) {
    mkdirSync(join(packages, "pytest"));
    writeFileSync(join(packages, "pytest", "__init__.py"), "");
    makeProgram(join(prefix, "bin", "pytest"), `#!${python}\n`);
  }
  return python;
}

/** An executable file; looked at, never started. */
export function makeProgram(path: string, text = "#!/bin/sh\n"): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}
