import { readFileSync } from "node:fs";

/** Memory of a process in bytes. */
export interface ProcessMemory {
  /** Its own pages, and its share of those that it has in common with others. */
  readonly pssBytes: number;
  /** All pages that it uses, as if it had them for itself. */
  readonly rssBytes: number;
}

/** What a process takes; null where the system does not tell. */
export function memoryOf(pid: number): ProcessMemory | null {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    const kibibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1]);
    const [pss, rss] = [kibibytes("Pss"), kibibytes("Rss")];
    return Number.isNaN(pss + rss) ? null : { pssBytes: pss * 1024, rssBytes: rss * 1024 };
  } catch {
    return null;
  }
}
