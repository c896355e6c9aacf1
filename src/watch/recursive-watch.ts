import type { IgnoreRules } from "./ignore-rules.ts";
import { type WatchListener, watchLost, watchUnavailable } from "./watch-events.ts";

const NEVER_SOURCE_GLOBS = ["**/.git/**", "**/node_modules/**", "**/__pycache__/**", "**/.venv/**"];

/**
 * Events for a tree where the operating system watches a whole tree at once (macOS, Windows), through `@parcel/watcher`.
 * Returns how to end it; undefined when the native module is missing or refuses, which the listener is told.
 */
export async function watchRecursively(
  root: string,
  rules: IgnoreRules,
  { onHint, onFailure }: WatchListener,
): Promise<(() => Promise<void>) | undefined> {
  try {
    // Loaded here alone: its native module is an optional dependency, and not needed on Linux.
    const { subscribe } = await import("@parcel/watcher");
    const subscription = await subscribe(
      root,
      (error, events) => {
        if (error !== null) {
          onFailure(watchLost(root, error.message));
          onHint([]);
          return;
        }
        const paths = events.map((event) => event.path).filter((path) => !rules.isIgnored(path, "directory"));
        if (paths.some((path) => path.endsWith(".gitignore"))) rules.reload();
        if (paths.length > 0) onHint(paths);
      },
      { ignore: NEVER_SOURCE_GLOBS },
    );
    return () => subscription.unsubscribe();
  } catch (error) {
    onFailure(watchUnavailable(error instanceof Error ? error.message : String(error)));
    return undefined;
  }
}
