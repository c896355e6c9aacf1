import type { FileChange } from "../../watch/file-change.ts";

/** Who has changed a file while tests ran, as far as that can be told. */
export type Writer = "tests" | "somebody" | "unknown";

/**
 * Changes, while a run is under way, that need not end it. Most are the tests' own doing, and ending the run for them would begin it
 * again and again; some are a person's edit of test data. So they wait for the end of the run, which tells what its tests have made.
 * What they have written counts with the next edit: taken for one, it would begin a run that writes it anew. Where tests start
 * processes that write unseen, a file is told the first time that it changes under a run, and then taken for theirs.
 */
export class SideEffects {
  readonly #told = new Set<string>();
  #waiting = new Map<string, FileChange>();

  /** A run begins, on the files as they are now. */
  begin(): void {
    this.#waiting = new Map();
  }

  /** These have changed while a run was under way. */
  add(changes: readonly FileChange[]): void {
    for (const change of changes) this.#waiting.set(change.path, change);
  }

  /** A run has ended: what has changed under it and may be a person's edit. */
  take(writerOf: (path: string) => Writer): readonly FileChange[] {
    const changes = [...this.#waiting.values()].filter(({ path }) => {
      const writer = writerOf(path);
      if (writer !== "unknown" || this.#told.has(path)) return writer === "somebody";
      this.#told.add(path);
      return true;
    });
    this.#waiting = new Map();
    return changes;
  }
}
