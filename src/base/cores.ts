import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

/** Processors that this process may use: threads of execution, and physical cores. */
export interface Cores {
  readonly logical: number;
  readonly physical: number;
}

const CPU_FOLDER = "/sys/devices/system/cpu";

let known: Cores | undefined;

/** How many processors there are; looked up once. Where the system does not tell cores from threads, both are the same. */
export function cores(): Cores {
  const logical = availableParallelism();
  known ??= { logical, physical: Math.min(logical, physicalCores(CPU_FOLDER) ?? logical) };
  return known;
}

/** The number of cores that a folder like Linux's /sys/devices/system/cpu tells of, or undefined. */
export function physicalCores(folder: string): number | undefined {
  try {
    const names = readdirSync(folder).filter((name) => /^cpu\d+$/.test(name));
    const siblings = names.map((name) =>
      readFileSync(join(folder, name, "topology", "thread_siblings_list"), "utf8").trim(),
    );
    return siblings.length === 0 ? undefined : new Set(siblings).size;
  } catch {
    return undefined;
  }
}
