import { type FlagRule, plain } from "./flag-rules.ts";

/** Flags of what looks at runs rather than making them. */
export interface InsightFlags {
  /** Says after the run where its time went. */
  readonly detailed?: true;
  /** Says how many workers there would be, and runs nothing. */
  readonly printWorkers?: true;
}

/** The rules of these flags. */
export const INSIGHT_FLAGS: Readonly<Record<string, FlagRule>> = {
  "--detailed": plain(["run"], (flags) => {
    flags.detailed = true;
  }),
  "--print-workers": plain(["run"], (flags) => {
    flags.printWorkers = true;
  }),
};
