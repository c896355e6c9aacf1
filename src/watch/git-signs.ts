import { execFile } from "node:child_process";
import { constants, setPriority } from "node:os";
import { join } from "node:path";

/** What git knows of the files below a folder. Paths are absolute. */
export interface GitSigns {
  /** Files that differ from the last commit, new ones among them. */
  readonly changed: ReadonlySet<string>;
  /** The files of each of the last commits, the newest commit first; those of other folders left out. */
  readonly commits: readonly (readonly string[])[];
}

const MOST_COMMITS = 200;
const LONGEST_MS = 10_000;
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * Asks git, at the lowest priority and within bounds of time and size; null where there is no git, no repository, or no
 * answer in time. Takes no lock, so that neither the person's own git nor our look at its lock is disturbed.
 */
export async function readGitSigns(root: string): Promise<GitSigns | null> {
  const inside = await git(root, ["rev-parse", "--show-prefix"]);
  if (inside === null) return null;
  const prefix = inside.replace(/\n$/, "");
  const [status, log] = await Promise.all([
    git(root, ["status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal", "--", "."]),
    git(root, [
      "log",
      `--max-count=${MOST_COMMITS}`,
      "--no-merges",
      "--no-renames",
      "--name-only",
      "--format=%x01",
      "-z",
      "--",
      ".",
    ]),
  ]);
  if (status === null) return null;
  const below = (names: readonly string[]) =>
    names.filter((name) => name !== "" && name.startsWith(prefix)).map((name) => join(root, name.slice(prefix.length)));
  return {
    // Two letters and a space before each name.
    changed: new Set(below(status.split("\0").map((entry) => entry.slice(3)))),
    commits: (log ?? "")
      .split("\u0001")
      .map((names) => below(names.split("\0").map((name) => name.replace(/^\n/, ""))))
      .filter((files) => files.length > 0),
  };
}

async function git(root: string, words: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    // A monitor that a repository asks for would be a program of its choice.
    const all = ["-c", "core.fsmonitor=false", "-c", "core.quotePath=false", "-C", root, ...words];
    const options = { env: environment(), timeout: LONGEST_MS, maxBuffer: MOST_BYTES, killSignal: "SIGKILL" } as const;
    const child = execFile("git", all, options, (error, stdout) => resolve(error === null ? stdout : null));
    child.stdin?.end();
    try {
      if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
    } catch {
      // It has ended already.
    }
  });
}

/** Without what names another repository: the daemon can have been started from a hook of git. */
function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"));
  return { ...Object.fromEntries(kept), GIT_OPTIONAL_LOCKS: "0", LC_ALL: "C" };
}
