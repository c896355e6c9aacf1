import { statSync } from "node:fs";

/** Tells a folder from every other one that has had its path; empty where there is none. */
export function folderIdentity(path: string): string {
  try {
    const { dev, ino, birthtimeNs } = statSync(path, { bigint: true });
    return `${dev} ${ino} ${birthtimeNs}`;
  } catch {
    return "";
  }
}
