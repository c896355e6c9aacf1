import { formatCount, formatNumber, formatSize } from "../report/format-count.ts";
import { examineCollection } from "./doctor-collection.ts";
import type { Deed, ImportFacts } from "./import-facts.ts";

/** One thing that was looked at. `soon` does not stand in the way yet, or costs something. */
export interface Finding {
  readonly level: "in-the-way" | "soon" | "fine";
  readonly topic: string;
  readonly text: string;
  /** What to do; empty where nothing is to be done. */
  readonly remedy: string;
  /** What `--fix` can do about it. */
  readonly fix?: "stop-daemon";
}

/** What was found out about the machine and the daemon. */
export interface MachineFacts {
  readonly system: string;
  /** Watches that this user has, and the limits; null where the system has none to tell. */
  readonly inotify: {
    readonly watches: number;
    readonly mostWatches: number;
    readonly instances: number;
    readonly mostInstances: number;
  } | null;
  /** Folders of the project, as far as they were counted. */
  readonly folders: number;
  /** Kind of the file system on which the project lies; empty where nothing tells. */
  readonly fileSystem: string;
  /** Whether a folder from elsewhere is mounted there, as containers do it. */
  readonly isBindMount: boolean;
  readonly availableBytes: number | null;
  readonly daemon:
    | { readonly kind: "none" | "ours" | "silent" }
    | { readonly kind: "other"; readonly version: string; readonly isNewer: boolean };
  /** Why the state folder cannot be used, or empty. */
  readonly stateFolder: string;
  /** Why the last run was plain pytest, or empty. */
  readonly lastPlain: string;
}

const OLDEST_PYTHON = [3, 9];
const OLDEST_PYTEST = [7, 4];
/** Edits that other machines make there send no events here. */
const SHARED =
  /^(?:nfs\d?|cifs|smb\d?|smbfs|9p|fuse(?:\..*)?|fuseblk|virtiofs|fakeowner|osxfs|vboxsf|prl_fs|drvfs|afs|ceph|glusterfs|vmhgfs.*)$/;
const LITTLE_MEMORY_BYTES = 512 * 2 ** 20;

/** Installed plugins with which some runs are plain pytest, by the name of the package: when, and what else there is. */
const AGAINST_WARM: Readonly<Record<string, string>> = {
  "pytest-instafail": "with --instafail",
  "pytest-progress": "with --show-progress",
  "pytest-pretty": "always: leave it out with -p no:pretty",
  "pytest-tldr": "always: leave it out with -p no:tldr",
  "pytest-reportlog": "with --report-log",
};

const DEEDS: Readonly<Record<Deed["kind"], readonly [says: string, remedy: string]>> = {
  thread: [
    "starts a thread that still runs",
    "start it on first use: what is imported after it is imported again for every run",
  ],
  connection: [
    "opens a connection that stays open",
    "connect on first use, or in a fixture: all runs would talk through this one",
  ],
  socket: ["opens a socket that stays open", "open it on first use, or in a fixture: all runs share it"],
  loop: [
    "makes an event loop that stays open",
    "make it on first use, or in a fixture: all runs share what it waits on",
  ],
  process: ["starts a process that still runs", "start it in a fixture: all runs share it"],
};

const TOPICS: Readonly<Record<Deed["kind"], string>> = {
  thread: "threads",
  connection: "connections",
  socket: "sockets",
  loop: "loops",
  process: "processes",
};

/** Everything that was looked at, what stands in the way first. */
export function examine(facts: ImportFacts, machine: MachineFacts): readonly Finding[] {
  const order: readonly Finding["level"][] = ["in-the-way", "soon", "fine"];
  return [
    ...versions(facts),
    ...pytestItself(facts, machine),
    ...deeds(facts),
    ...examineCollection(facts),
    ...watching(machine),
    ...storage(machine),
    ...daemon(machine),
  ].toSorted((one, other) => order.indexOf(one.level) - order.indexOf(other.level));
}

function versions({ python, pytest }: ImportFacts): readonly Finding[] {
  const told = (name: string, version: string, oldest: readonly number[]): Finding =>
    isOlder(version, oldest)
      ? {
          level: "in-the-way",
          topic: "versions",
          text: `${name} ${version} is too old`,
          remedy: `${name} ${oldest.join(".")} or newer`,
        }
      : fine("versions", `${name} ${version}`);
  return [told("Python", python, OLDEST_PYTHON), told("pytest", pytest, OLDEST_PYTEST)];
}

function pytestItself({ notWarm, plugins }: ImportFacts, { lastPlain, system }: MachineFacts): readonly Finding[] {
  const reason = system === "win32" ? "Windows has no fork" : notWarm || lastPlain;
  const known = plugins.map((each) => each.join(" ")).join(", ");
  if (reason !== "") {
    const text = `every run is plain pytest: ${reason}`;
    return [
      { level: "in-the-way", topic: "pytest", text, remedy: system === "win32" ? "WSL has one" : "leave that out" },
    ];
  }
  const against = plugins.flatMap(([name, version]): readonly Finding[] => {
    const when = AGAINST_WARM[name.toLowerCase().replaceAll("_", "-")];
    if (when === undefined) return [];
    const text = `${name} ${version} makes runs plain pytest`;
    return [{ level: "soon", topic: "plugins", text, remedy: when }];
  });
  if (against.length > 0) return against;
  return [fine("pytest", plugins.length === 0 ? "no plugins are installed" : `nothing against ${known}`)];
}

function deeds({ deeds: all, root, library }: ImportFacts): readonly Finding[] {
  const live = all.filter(({ isLive }) => isLive);
  const found = new Map<string, Finding>();
  for (const { kind, frames, importing } of live) {
    const place = placeOf(frames, root, library);
    const [says, remedy] = DEEDS[kind];
    const inside = importing.at(-1);
    const text = `${place}${inside === undefined ? "" : ` (in ${inside})`} ${says}`;
    // A loop has two sockets, and a package may start several threads at one line.
    found.set(`${kind} ${place}`, {
      level: kind === "thread" ? "in-the-way" : "soon",
      topic: TOPICS[kind],
      text,
      remedy,
    });
  }
  return found.size === 0 ? [fine("imports", "leave no threads, sockets or processes behind")] : [...found.values()];
}

/** The first line of the project, from inside out; a library's own where none of the project's led to it. */
function placeOf(frames: Deed["frames"], root: string, library: string): string {
  const isProjects = ([path]: Deed["frames"][number]) =>
    path.startsWith(`${root}/`) && !path.startsWith(`${library}/`) && !/\/(?:site|dist)-packages\//.test(path);
  const isOthers = ([path]: Deed["frames"][number]) => !path.startsWith(`${library}/`);
  const frame = frames.find(isProjects) ?? frames.find(isOthers) ?? frames[0];
  if (frame === undefined) return "something";
  const [path, line] = frame;
  const shown = path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
  // What C code does has no line.
  return line === 0 ? shown : `${shown}:${line}`;
}

// A folder of the same kernel is one whose events are seen, wherever it is mounted.
function describeFiles(fileSystem: string, isBindMount: boolean): string {
  if (fileSystem === "") return "nothing tells their file system";
  return isBindMount ? `lie on ${fileSystem}, a bind mount whose events are seen here` : `lie on ${fileSystem}`;
}

function watching({ inotify, folders, fileSystem, isBindMount }: MachineFacts): readonly Finding[] {
  const shared: Finding = SHARED.test(fileSystem)
    ? {
        ...{
          level: "soon",
          topic: "files",
          text: `the project lies on ${fileSystem}${isBindMount ? ", a bind mount" : ""}: not every edit there sends an event`,
        },
        remedy: "a local disk, or a named volume; until then files are looked at every half second while watching",
      }
    : fine("files", describeFiles(fileSystem, isBindMount));
  if (inotify === null) return [shared];
  const { watches, mostWatches, instances, mostInstances } = inotify;
  const text = `${formatNumber(watches)} of ${formatNumber(mostWatches)} inotify watches are used, the project has ${formatCount(folders, "folder")}`;
  const isShort = watches + folders > mostWatches;
  const isFull = instances + 2 > mostInstances;
  return [
    shared,
    isShort
      ? { level: "soon", topic: "watching", text, remedy: "sudo sysctl fs.inotify.max_user_watches=524288" }
      : fine("watching", text),
    isFull
      ? {
          ...{ level: "soon", topic: "watching", text: `${instances} of ${mostInstances} inotify instances are used` },
          remedy: "sudo sysctl fs.inotify.max_user_instances=1024",
        }
      : fine("watching", `${instances} of ${formatNumber(mostInstances)} inotify instances are used`),
  ];
}

function storage({ availableBytes, stateFolder }: MachineFacts): readonly Finding[] {
  const memory: readonly Finding[] =
    availableBytes === null
      ? []
      : availableBytes < LITTLE_MEMORY_BYTES
        ? [
            {
              level: "soon",
              topic: "memory",
              text: `${formatSize(availableBytes)} are free`,
              remedy: "fewer checkpoints are kept until there is more",
            },
          ]
        : [fine("memory", `${formatSize(availableBytes)} are free`)];
  if (stateFolder === "") return [...memory, fine("state", "the state folder is private and can be used")];
  return [
    ...memory,
    { level: "in-the-way", topic: "state", text: stateFolder, remedy: "PREWARM_STATE_DIR=FOLDER prewarm run …" },
  ];
}

function daemon({ daemon: found }: MachineFacts): readonly Finding[] {
  switch (found.kind) {
    case "none":
      return [fine("daemon", "none runs")];
    case "ours":
      return [fine("daemon", "runs, and is of this version")];
    case "silent":
      return [
        { level: "in-the-way", topic: "daemon", text: "does not answer", remedy: "prewarm stop", fix: "stop-daemon" },
      ];
    case "other":
      return [
        found.isNewer
          ? {
              level: "in-the-way",
              topic: "daemon",
              text: `is prewarm ${found.version}, newer than this command`,
              remedy: `npm i -D prewarm@${found.version}`,
            }
          : {
              level: "soon",
              topic: "daemon",
              text: `is prewarm ${found.version}; the next run replaces it`,
              remedy: "prewarm restart",
              fix: "stop-daemon",
            },
      ];
    default:
      return found satisfies never;
  }
}

function fine(topic: string, text: string): Finding {
  return { level: "fine", topic, text, remedy: "" };
}

function isOlder(version: string, [major = 0, minor = 0]: readonly number[]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split(".").map(Number);
  return version !== "" && (ownMajor < major || (ownMajor === major && ownMinor < minor));
}
