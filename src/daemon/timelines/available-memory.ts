import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const CGROUP_FOLDER = "/sys/fs/cgroup";

/**
 * Bytes that can still be taken without anybody being swapped out or killed: what the system has free, or what is left
 * below the limit of a control group (a container) if that is less. Null where the system does not tell. `read` gives a
 * file's text, or undefined.
 */
export function availableBytes(read: (path: string) => string | undefined = readText): number | null {
  const kibibytes = /^MemAvailable:\s+(\d+) kB/m.exec(read("/proc/meminfo") ?? "")?.[1];
  const left = kibibytes === undefined ? [] : [Number(kibibytes) * 1024];
  left.push(...leftInGroups(read));
  return left.length === 0 ? null : Math.max(0, Math.min(...left));
}

function leftInGroups(read: (path: string) => string | undefined): readonly number[] {
  const left: number[] = [];
  for (const line of (read("/proc/self/cgroup") ?? "").split("\n")) {
    const [, controllers, group] = /^\d+:([^:]*):(.+)$/.exec(line) ?? [];
    const isFirstVersion = controllers?.split(",").includes("memory") === true;
    if (group === undefined || (controllers !== "" && !isFirstVersion)) continue;
    const [base, limit, usage] = isFirstVersion
      ? [join(CGROUP_FOLDER, "memory"), "memory.limit_in_bytes", "memory.usage_in_bytes"]
      : [CGROUP_FOLDER, "memory.max", "memory.current"];
    // A limit of any group above counts as well.
    for (let name = group; ; name = dirname(name)) {
      const folder = join(base, name);
      const bytes = Number(read(join(folder, limit))) - Number(read(join(folder, usage)));
      if (Number.isFinite(bytes)) left.push(bytes + reclaimable(read(join(folder, "memory.stat"))));
      if (name === "/" || name === ".") break;
    }
  }
  return left;
}

// Cached files count as used, and are given up first.
function reclaimable(stat: string | undefined): number {
  return Number(/^(?:total_)?inactive_file (\d+)$/m.exec(stat ?? "")?.[1] ?? 0);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
