import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { interpreter } from "./interpreter.ts";
import type { Prewarm } from "./prewarm.ts";

/** Installs modules for this user alone; returns the environment in which they are found. */
export function installForUser(prewarm: Prewarm, files: Readonly<Record<string, string>>): Record<string, string> {
  const env = { PYTHONUSERBASE: join(prewarm.stateFolder, "user") };
  const program = "import site; print(site.getusersitepackages())";
  const site = execFileSync(interpreter, ["-c", program], { encoding: "utf8", env }).trim();
  mkdirSync(site, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(site, name), text);
  return { ...env, PYTHONPATH: site };
}
