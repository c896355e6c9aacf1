import { type Dirent, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { MachineFacts } from "../insight/doctor.ts";

/** Nobody watches more folders than this without knowing. */
const MOST_FOLDERS = 100_000;
const LEFT_OUT: ReadonlySet<string> = new Set([".git", "node_modules", "__pycache__", ".venv", "venv", ".tox", ".nox"]);

/** What the system tells without starting anything. */
export function readMachine(
  root: string,
): Pick<MachineFacts, "inotify" | "folders" | "fileSystem" | "isBindMount" | "availableBytes"> {
  const { kind, from } = mountOf(root, read("/proc/self/mountinfo"));
  return {
    inotify: readInotify(),
    folders: countFolders(root),
    fileSystem: kind,
    // A volume of btrfs looks the same.
    isBindMount: from !== "/" && kind !== "btrfs",
    availableBytes: availableBytes(read("/proc/meminfo")),
  };
}

/** The kind of the file system at a path, and which of its folders is mounted there, by Linux's list of mounts; empty where that does not tell. */
export function mountOf(path: string, mounts: string): { readonly kind: string; readonly from: string } {
  let found = { length: -1, kind: "", from: "/" };
  for (const line of mounts.split("\n")) {
    const [before = "", after = ""] = line.split(" - ");
    // Spaces in paths are written as octal numbers.
    const place = (before.split(" ")[4] ?? "").replaceAll(/\\([0-7]{3})/g, (_, digits) =>
      String.fromCharCode(Number.parseInt(digits, 8)),
    );
    const isAbove = place === "/" || path === place || path.startsWith(`${place}/`);
    if (place !== "" && isAbove && place.length >= found.length)
      found = { length: place.length, kind: after.split(" ")[0] ?? "", from: before.split(" ")[3] ?? "/" };
  }
  return found;
}

function readInotify(): MachineFacts["inotify"] {
  const limit = (name: string) => Number(read(`/proc/sys/fs/inotify/${name}`) || Number.NaN);
  const [mostWatches, mostInstances] = [limit("max_user_watches"), limit("max_user_instances")];
  if (Number.isNaN(mostWatches) || Number.isNaN(mostInstances)) return null;
  let [watches, instances] = [0, 0];
  for (const pid of list("/proc").filter((name) => /^\d+$/.test(name))) {
    for (const descriptor of list(`/proc/${pid}/fd`)) {
      if (!link(`/proc/${pid}/fd/${descriptor}`).startsWith("anon_inode:inotify")) continue;
      instances += 1;
      watches += read(`/proc/${pid}/fdinfo/${descriptor}`).split("inotify wd:").length - 1;
    }
  }
  return { watches, mostWatches, instances, mostInstances };
}

function countFolders(root: string): number {
  const waiting = [root];
  let count = 0;
  for (let folder = waiting.pop(); folder !== undefined && count < MOST_FOLDERS; folder = waiting.pop()) {
    count += 1;
    for (const entry of entriesOf(folder))
      if (entry.isDirectory() && !LEFT_OUT.has(entry.name)) waiting.push(join(folder, entry.name));
  }
  return count;
}

function availableBytes(meminfo: string): number | null {
  const kibibytes = /^MemAvailable:\s+(\d+)/m.exec(meminfo)?.[1];
  return kibibytes === undefined ? null : 1024 * Number(kibibytes);
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function list(folder: string): readonly string[] {
  return entriesOf(folder).map(({ name }) => name);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
