import type { Cuts } from "../protocol/agent-messages.ts";

/** How many files get a cut of their own because they were edited. */
const MOST_EDITED = 8;

/**
 * Where the next timeline leaves checkpoints: before the project's first module, before each conftest, before the first
 * test file, and before what was edited last, since that is edited again. `edited` is in the order of the edits.
 */
export function placeCuts(edited: readonly string[]): Cuts {
  const latest = [...new Set([...edited].reverse())].slice(0, MOST_EDITED);
  return { files: latest, conftests: true, firstModule: true, firstTest: true };
}
