import { readdirSync } from "node:fs";
import { dirname } from "node:path";

const METADATA = /^pytest-(\d[\w.]*)\.(?:dist-info|egg-info)$/;

/** The version of the pytest whose package is this folder, as its metadata beside it says; undefined where there is none. */
export function pytestVersion(folder: string | undefined): string | undefined {
  if (folder === undefined) return undefined;
  try {
    return readdirSync(dirname(folder)).flatMap((name) => METADATA.exec(name)?.[1] ?? [])[0];
  } catch {
    return undefined;
  }
}
