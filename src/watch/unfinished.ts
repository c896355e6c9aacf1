import type { FileChange } from "./file-change.ts";

// A file system block, and what every buffered writer's chunk is a multiple of.
const BLOCK_BYTES = 4_096;
const REPLACED_WITHIN_MS = 50;
const WRITTEN_WITHIN_MS = 30;

/**
 * For how many milliseconds a change may be one half of a save, so that it is worth a second look before it is believed;
 * 0 when it can be believed at once. Nobody can ask Linux through Node whether a file is still open for writing, so the
 * state of the file has to tell:
 * - gone: editors move the old file away, or delete it, before the new one takes its name;
 * - empty: opened with truncation, not written yet;
 * - without a newline at the end, or cut at a block: one of several writes.
 *
 * Nothing rests on this rule. What is taken for finished and is not causes another event, and with it another edit. What is
 * taken for unfinished and is not (a file that ends without a newline) is believed a little later.
 */
export function unfinishedForMs({ kind, of, content }: FileChange): number {
  if (kind === "deleted") return REPLACED_WITHIN_MS;
  if (of === "directory" || content === undefined) return 0;
  return content.endsMidLine || content.sizeBytes % BLOCK_BYTES === 0 ? WRITTEN_WITHIN_MS : 0;
}
