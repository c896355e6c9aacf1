import { createHash } from "node:crypto";
import type { WireEntry } from "../protocol/sync-messages.ts";

/** What is at one path of a tree. Folders with something in them are known by what is in them. */
export type Entry =
  | { readonly kind: "file"; readonly hash: string; readonly sizeBytes: number; readonly isExecutable: boolean }
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "folder" };

/** A tree: what is at each path, relative to its root, with `/` between the parts. */
export type Manifest = ReadonlyMap<string, Entry>;

/** How one tree differs from another. */
export interface Delta {
  readonly entries: readonly WireEntry[];
  readonly gone: readonly string[];
}

/** Two trees have one id when they are the same in every path. */
export function manifestId(manifest: Manifest): string {
  const hash = createHash("sha256");
  for (const path of [...manifest.keys()].toSorted()) {
    const entry = manifest.get(path);
    if (entry !== undefined) hash.update(`${JSON.stringify(toWire(path, entry))}\n`);
  }
  return hash.digest("hex");
}

export function sameEntry(a: Entry | undefined, b: Entry | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  switch (a.kind) {
    case "file":
      return b.kind === "file" && a.hash === b.hash && a.isExecutable === b.isExecutable;
    case "link":
      return b.kind === "link" && a.target === b.target;
    case "folder":
      return b.kind === "folder";
  }
}

/** What makes the tree `to` of the tree `from`. */
export function differenceOf(from: Manifest, to: Manifest): Delta {
  const entries: WireEntry[] = [];
  for (const [path, entry] of to) if (!sameEntry(from.get(path), entry)) entries.push(toWire(path, entry));
  return { entries, gone: [...from.keys()].filter((path) => !to.has(path)) };
}

/** The tree that a difference makes of another. */
export function withDelta(from: Manifest, { entries, gone }: Delta): Map<string, Entry> {
  const manifest = new Map(from);
  for (const path of gone) manifest.delete(path);
  for (const wire of entries) manifest.set(wire[1], fromWire(wire));
  return manifest;
}

function toWire(path: string, entry: Entry): WireEntry {
  switch (entry.kind) {
    case "file":
      return ["file", path, entry.hash, entry.sizeBytes, entry.isExecutable];
    case "link":
      return ["link", path, entry.target];
    case "folder":
      return ["folder", path];
  }
}

function fromWire(wire: WireEntry): Entry {
  switch (wire[0]) {
    case "file":
      return { kind: "file", hash: wire[2], sizeBytes: wire[3], isExecutable: wire[4] };
    case "link":
      return { kind: "link", target: wire[2] };
    case "folder":
      return { kind: "folder" };
  }
}
