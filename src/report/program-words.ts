import type { FileEdit, Way } from "../protocol/events.ts";
import { describeEdit } from "./edit-words.ts";

/** What is said of an edit that restarts a program. */
export function describeProgramEdit(files: readonly FileEdit[]): string {
  const { path, what } = describeEdit(files);
  return what === "" ? `edit ${path}` : `edit ${path}: ${what}`;
}

/** What is said as a program begins; empty for its first start. */
export function describeProgramStart(way: Way, reason: string): string {
  return way === "resumed"
    ? `starts from a checkpoint: ${reason}`
    : reason === "nothing that fits is kept"
      ? ""
      : `starts: ${reason}`;
}
