import { z } from "zod";

/** The most bytes of files that one message carries, before they are packed. */
export const MAX_PACK_BYTES = 1024 * 1024;

const count = z.number().int().nonnegative();
const contentHash = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * One path of a tree, relative to its root and with `/` between its parts: a file with the SHA-256 of its content, its size in bytes, and
 * whether it can be executed; a link with its target; a folder that has nothing else in it.
 */
const entry = z.union([
  z.tuple([z.literal("file"), z.string(), contentHash, count, z.boolean()]),
  z.tuple([z.literal("link"), z.string(), z.string()]),
  z.tuple([z.literal("folder"), z.string()]),
]);

/**
 * What the one says whose tree it is. `sync-tree` comes in parts: `base` is the id of the tree from which it differs in `entries` (new or
 * changed) and `gone` (paths), null where it tells all; `id` is that of the tree it makes.
 */
export const syncOrder = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("sync-tree"),
    id: contentHash,
    base: contentHash.nullable(),
    entries: z.array(entry),
    gone: z.array(z.string()),
    isLast: z.boolean(),
  }),
  /** Parts of contents, one after another in `data` (base 64, raw deflate where that is shorter): hash, size of the whole, offset, length. */
  z.object({
    type: z.literal("sync-blobs"),
    parts: z.array(z.tuple([contentHash, count, count, count])),
    data: z.string(),
    isDeflated: z.boolean(),
  }),
]);

/** What the other one says, whose copy it is. Each names the tree that it is about. */
export const syncAnswer = z.discriminatedUnion("type", [
  /** It has another tree than `base`: all of it has to be told. */
  z.object({ type: z.literal("sync-unknown"), id: z.string() }),
  /** It lacks these contents. */
  z.object({ type: z.literal("sync-need"), id: z.string(), hashes: z.array(contentHash) }),
  /** The copy is this tree. */
  z.object({ type: z.literal("sync-done"), id: z.string(), written: count, removed: count }),
  /** It will not be this tree, and why. */
  z.object({ type: z.literal("sync-refused"), id: z.string(), reason: z.string() }),
]);

export type WireEntry = z.infer<typeof entry>;
export type SyncOrder = z.infer<typeof syncOrder>;
export type SyncAnswer = z.infer<typeof syncAnswer>;
