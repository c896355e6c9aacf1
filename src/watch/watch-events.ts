/** Why changes are also looked for by polling, each with what the user can do about it. */
export type WatchDiagnostic = {
  readonly code: "watch-limit" | "watch-unavailable" | "watch-remote" | "watch-lost";
  readonly message: string;
  readonly nextStep: string;
};

/**
 * What a source of events tells. A hint names absolute paths that may have changed; an empty list says that any path may
 * have. A failure says that there are changes of which it will not tell.
 */
export type WatchListener = {
  readonly onHint: (paths: readonly string[]) => void;
  readonly onFailure: (diagnostic: WatchDiagnostic) => void;
};

/** The kernel, or prewarm's own limit, allows no more watches. */
export function watchLimit(directory: string, watchedCount: number, reason: string): WatchDiagnostic {
  return {
    code: "watch-limit",
    message: `Cannot watch ${directory} for changes, after ${watchedCount} other folders: ${reason}.`,
    nextStep:
      "Raise fs.inotify.max_user_watches or fs.inotify.max_user_instances with sysctl, or add folders without sources to .gitignore.",
  };
}

/** This machine has no way to deliver events. */
export function watchUnavailable(reason: string): WatchDiagnostic {
  return {
    code: "watch-unavailable",
    message: `The operating system delivers no file events here: ${reason}.`,
    nextStep: "Install prewarm with its optional dependencies, so that the file watcher for this platform is there.",
  };
}

/** Other machines can write to the project, and their writes cause no events on this one. */
export function watchRemote(root: string, fileSystem: string): WatchDiagnostic {
  return {
    code: "watch-remote",
    message: `${root} is on ${fileSystem}, where changes made by another machine cause no file events.`,
    nextStep: "Keep the project on a local disk for an immediate reaction.",
  };
}

/** Events stopped coming for a part of the tree. */
export function watchLost(directory: string, reason: string): WatchDiagnostic {
  return {
    code: "watch-lost",
    message: `Watching ${directory} ended: ${reason}.`,
    nextStep: "Restart prewarm once it is in place again.",
  };
}
