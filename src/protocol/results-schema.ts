import { z } from "zod";

const OUTCOME = z.enum(["passed", "failed", "error", "skipped", "xfailed", "xpassed"]);

/** A file of `--results`: what one run came to, for `prewarm merge`. */
export const RESULTS_SCHEMA = z.strictObject({
  format: z.literal("prewarm results 1"),
  /** Which part of the suite it was, and what all parts of one split have in common; null for a run of the whole. */
  share: z
    .strictObject({
      index: z.number().int().min(1),
      of: z.number().int().min(1),
      split: z.string(),
      /** How many tests all shares have together. */
      total: z.number().int().min(0),
    })
    .nullable(),
  /** Milliseconds since 1970. */
  startedMs: z.number(),
  exit: z.number().int(),
  /** Tests that were to run, in their order; those without an outcome were not run. */
  tests: z.array(
    z.strictObject({
      id: z.string(),
      outcome: OUTCOME.nullable(),
      durationMs: z.number(),
      /** pytest's report of a failure; empty where there is none. */
      text: z.string(),
    }),
  ),
  /** Files that did not collect. */
  broken: z.array(z.strictObject({ id: z.string(), text: z.string() })),
});

export type RunResults = z.infer<typeof RESULTS_SCHEMA>;
