import { statfsSync } from "node:fs";
import { DirectoryWatches } from "./directory-watches.ts";
import type { IgnoreRules } from "./ignore-rules.ts";
import { watchRecursively } from "./recursive-watch.ts";
import { type WatchDiagnostic, type WatchListener, watchRemote } from "./watch-events.ts";

export type WatchOptions = {
  /** Where events come from; by default what is quickest on this platform. */
  readonly source?: "directories" | "recursive" | "polling";
  /** How many directories get a watch of their own; beyond that there is polling. */
  readonly maxDirectories?: number;
  /** How often to ask for a look where events cannot be had, in milliseconds. */
  readonly pollIntervalMs?: number;
};

/** A tree being watched. */
export type TreeWatch = AsyncDisposable & {
  /** Whether all changes cause events, or some are only found by looking every half second. */
  readonly mode: "events" | "polling";
  /** Why there is polling, each reason once. */
  readonly diagnostics: readonly WatchDiagnostic[];
  /** Also watches the entries of this directory: one outside the tree, or an ignored one from which Python loaded a file. */
  readonly addDirectory: (directory: string) => void;
  readonly close: () => Promise<void>;
};

const DEFAULT_MAX_DIRECTORIES = 50_000;
const DEFAULT_POLL_INTERVAL_MS = 500;
const LOOK_EVERYWHERE: readonly string[] = [];

// `statfs` magic numbers of file systems that other machines write to, or the host of a virtual machine.
const REMOTE_FILE_SYSTEMS = new Map([
  [0x6969, "NFS"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB"],
  [0x01021997, "9P"],
  [0x65735546, "FUSE"],
  [0x786f4256, "a VirtualBox shared folder"],
  [0xbacbacbc, "a VMware shared folder"],
  [0x00c36400, "Ceph"],
]);

/**
 * Tells when something in the tree at `root` (absolute) may have changed, at once where the operating system delivers
 * events. Resolves when every change from then on causes a hint. A hint is never proof: the sweep decides what
 * changed. Where events cannot be had, or not all of them, a hint without paths comes every half second as well, and
 * `onFailure` is told why, once for each reason.
 */
export async function watchTree(
  root: string,
  rules: IgnoreRules,
  listener: WatchListener,
  options: WatchOptions = {},
): Promise<TreeWatch> {
  const watch = new Watch(listener, options.pollIntervalMs ?? DEFAULT_POLL_INTERVAL_MS);
  const source = options.source ?? (process.platform === "linux" ? "directories" : "recursive");
  const fileSystem = remoteFileSystem(root);
  if (fileSystem !== undefined) watch.fail(watchRemote(root, fileSystem));

  if (source === "polling") {
    watch.poll();
  } else if (source === "directories") {
    const directories = new DirectoryWatches(rules, watch.listener, options.maxDirectories ?? DEFAULT_MAX_DIRECTORIES);
    watch.addDirectory = (directory) => directories.addDirectory(directory);
    watch.onClose(async () => directories.close());
    await directories.addTree(root);
  } else {
    const end = await watchRecursively(root, rules, watch.listener);
    if (end !== undefined) watch.onClose(end);
    // What lies outside the tree has no events there.
    watch.addDirectory = (directory) => {
      if (!directory.startsWith(root)) watch.poll();
    };
  }
  return watch;
}

class Watch implements TreeWatch {
  readonly listener: WatchListener;
  readonly #pollIntervalMs: number;
  readonly #diagnostics: WatchDiagnostic[] = [];
  readonly #closers: (() => Promise<void>)[] = [];
  readonly #onFailure: (diagnostic: WatchDiagnostic) => void;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(listener: WatchListener, pollIntervalMs: number) {
    this.#pollIntervalMs = pollIntervalMs;
    this.#onFailure = listener.onFailure;
    this.listener = {
      onHint: (paths) => {
        if (!this.#isClosed) listener.onHint(paths);
      },
      onFailure: (diagnostic) => this.fail(diagnostic),
    };
  }

  get mode(): "events" | "polling" {
    return this.#timer === undefined ? "events" : "polling";
  }

  get diagnostics(): readonly WatchDiagnostic[] {
    return this.#diagnostics;
  }

  addDirectory: (directory: string) => void = () => {};

  onClose(closer: () => Promise<void>): void {
    this.#closers.push(closer);
  }

  /** Goes on with polling besides the events that still come. */
  fail(diagnostic: WatchDiagnostic): void {
    if (this.#isClosed) return;
    this.poll();
    if (this.#diagnostics.some(({ code }) => code === diagnostic.code)) return;
    this.#diagnostics.push(diagnostic);
    this.#onFailure(diagnostic);
  }

  poll(): void {
    this.#timer ??= setInterval(() => this.listener.onHint(LOOK_EVERYWHERE), this.#pollIntervalMs).unref();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await Promise.all(this.#closers.splice(0).map((closer) => closer()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function remoteFileSystem(root: string): string | undefined {
  try {
    return REMOTE_FILE_SYSTEMS.get(statfsSync(root).type);
  } catch {
    return undefined;
  }
}
