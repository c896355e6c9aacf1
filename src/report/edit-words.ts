import { EDIT_CLASSES, type FileEdit } from "../protocol/events.ts";

/** What an edit line says: which file, and what of it. */
export interface EditWords {
  readonly path: string;
  readonly what: string;
}

/** What is said of a save that leaves a file as it was loaded. */
export const UNCHANGED = "saved, unchanged";

const KINDS = { created: "new file", modified: "", deleted: "deleted" } as const;

/**
 * The words for an edit: the file of the costliest class, what changed in it, and how many others there are. `goodAt` is the time of
 * the last state that was not broken, where the one before this edit was.
 */
export function describeEdit(files: readonly FileEdit[], goodAt = ""): EditWords {
  const first = files.toSorted((a, b) => cost(b) - cost(a))[0];
  if (first === undefined) return { path: "", what: "" };
  const more = files.length - 1;
  const others = more === 0 ? "" : `and ${more} more file${more === 1 ? "" : "s"}`;
  const isMended = goodAt !== "" && first.class === "same";
  const what = isMended ? `mended, as at ${goodAt}` : (first.what ?? KINDS[first.kind]);
  return { path: first.path, what: [what, others].filter((part) => part !== "").join(" ") };
}

// The classes are listed from the cheapest on; what is broken is dearest, since nothing runs.
function cost({ class: name }: FileEdit): number {
  return name === undefined ? 0 : EDIT_CLASSES.indexOf(name);
}
