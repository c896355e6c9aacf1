import type { FileChange } from "../watch/file-change.ts";

/**
 * Changes, while a run is under way, of files that only tests use. Most are the tests' own doing and must not end the run that makes
 * them; some are a person's edit of test data. So they wait for the end of the run, and a file that changes under a second one is
 * taken to be written by tests: what differs in it counts with the next edit.
 */
export class SideEffects {
  readonly #earlier = new Set<string>();
  #waiting = new Map<string, FileChange>();

  /** These have changed while a run was under way. */
  add(changes: readonly FileChange[]): void {
    for (const change of changes) if (!this.#earlier.has(change.path)) this.#waiting.set(change.path, change);
  }

  /** A run has ended: what has changed under it and may be a person's edit. */
  take(): readonly FileChange[] {
    const changes = [...this.#waiting.values()];
    for (const { path } of changes) this.#earlier.add(path);
    this.#waiting = new Map();
    return changes;
  }
}
