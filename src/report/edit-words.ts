import { EDIT_CLASSES, type FileEdit } from "../protocol/events.ts";

/** What an edit line says: which file, and what of it. */
export interface EditWords {
  readonly path: string;
  readonly what: string;
}

const KINDS = { created: "new file", modified: "", deleted: "deleted" } as const;

/** The words for an edit: the file of the costliest class, what changed in it, and how many others there are. */
export function describeEdit(files: readonly FileEdit[]): EditWords {
  const first = files.toSorted((a, b) => cost(b) - cost(a))[0];
  if (first === undefined) return { path: "", what: "" };
  const more = files.length - 1;
  const others = more === 0 ? "" : `and ${more} more file${more === 1 ? "" : "s"}`;
  return { path: first.path, what: [first.what ?? KINDS[first.kind], others].filter((part) => part !== "").join(" ") };
}

// The classes are listed from the cheapest on; what is broken is dearest, since nothing runs.
function cost({ class: name }: FileEdit): number {
  return name === undefined ? 0 : EDIT_CLASSES.indexOf(name);
}
