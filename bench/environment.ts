import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const execFileAsync = promisify(execFile);
const REQUIREMENTS = join(import.meta.dirname, "requirements.txt");

/** The cache folder of the benchmark, outside of the repository: environments, generated applications, prewarm's state. */
export const HOME = process.env.PREWARM_BENCH_HOME ?? join(homedir(), ".cache", "prewarm-bench");

/** The Python of the environment that holds what the application imports, and pytest. Made on the first call; takes half a minute then. */
export async function basePython(): Promise<string> {
  const folder = join(HOME, "venv");
  await makeEnvironment(folder, readFileSync(REQUIREMENTS, "utf8"), ["-r", REQUIREMENTS]);
  return join(folder, "bin", "python");
}

/** The Python of an environment that has `requirements` on top of the base environment. */
export async function peerPython(name: string, requirements: readonly string[]): Promise<string> {
  const base = await basePython();
  const folder = join(HOME, `venv-${name}`);
  const site = (await execFileAsync(base, ["-c", 'import sysconfig; print(sysconfig.get_path("purelib"))'])).stdout;
  await makeEnvironment(folder, site + requirements.join("\n"), requirements, site);
  return join(folder, "bin", "python");
}

/** The environment of every measured command: the caller's, without what steers Python or pytest. */
export function cleanEnvironment(extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(PYTEST|PYTHON|VIRTUAL_ENV|PREWARM|COLUMNS|FORCE_COLOR|PY_COLORS)/.test(name),
  );
  return { ...Object.fromEntries(kept), ...extra };
}

async function makeEnvironment(
  folder: string,
  wanted: string,
  pipArguments: readonly string[],
  linkedSite?: string,
): Promise<void> {
  const stamp = join(folder, "requirements.sha256");
  const hash = createHash("sha256").update(wanted).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(HOME, { recursive: true });
  await execFileAsync("python3", ["-m", "venv", folder]);
  if (linkedSite !== undefined) writeFileSync(join(sitePackages(folder), "base.pth"), linkedSite);
  await execFileAsync(join(folder, "bin", "python"), [
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    ...pipArguments,
  ]);
  writeFileSync(stamp, hash);
}

function sitePackages(folder: string): string {
  const version = readdirSync(join(folder, "lib")).find((name) => name.startsWith("python"));
  return join(folder, "lib", version ?? "python3", "site-packages");
}
