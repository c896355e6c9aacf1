import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { IdleComparison } from "../protocol/api.ts";

/** Below the state folder: what comparisons in idle time leave. */
export const VERIFY_FOLDER = "verify";
const LAST = "last.json";

/** The last comparison that prewarm has made by itself; null where there is none that can be read. */
export function readLastComparison(stateFolder: string): IdleComparison | null {
  try {
    return JSON.parse(readFileSync(join(stateFolder, VERIFY_FOLDER, LAST), "utf8")) as IdleComparison;
  } catch {
    return null;
  }
}

/** Writes it in one step, whoever reads it meanwhile. */
export function writeLastComparison(stateFolder: string, last: IdleComparison): void {
  const path = join(stateFolder, VERIFY_FOLDER, LAST);
  writeFileSync(`${path}.new`, `${JSON.stringify(last, undefined, 1)}\n`);
  renameSync(`${path}.new`, path);
}
