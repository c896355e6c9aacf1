import type { FileContent, FileSignature } from "./fingerprint.ts";

/**
 * One difference between what the Python side knows and what is on disk. `signature` and `content` are what was seen
 * there: both are absent for a deletion, `content` also for a directory. A file that cannot be read counts as deleted.
 */
export type FileChange = {
  readonly path: string;
  readonly kind: "created" | "modified" | "deleted";
  readonly of: "file" | "directory";
  readonly signature?: FileSignature;
  readonly content?: FileContent;
};

/** What a path holds: a content hash, or "directory", "file" (one that nobody read) or "nothing". */
export type PathVersion = string;

/** What the path holds after the change. */
export function versionOf({ kind, of, content }: FileChange): PathVersion {
  if (kind === "deleted") return "nothing";
  return of === "directory" ? "directory" : (content?.hash ?? "file");
}

/** Takes the differences that one look at the disk finds. */
export type Report = (change: FileChange) => void;
