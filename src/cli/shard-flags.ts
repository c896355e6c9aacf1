import type { Share } from "../insight/split.ts";
import { badValue, type FlagRule, valued } from "./flag-rules.ts";

/** Flags of runs that are parts of one run on several machines. */
export interface ShardFlags {
  /** Which part of the tests to run. */
  readonly shard?: Share;
  /** A file with the milliseconds that each test takes. */
  readonly durations?: string;
  /** Where to write what the run came to, for `prewarm merge`. */
  readonly results?: string;
}

/** The rules of these flags. */
export const SHARD_FLAGS: Readonly<Record<string, FlagRule>> = {
  "--shard": valued(["run"], (flags, value) => {
    const [, index = 0, of = 0] = /^(\d{1,4})\/(\d{1,4})$/.exec(value)?.map(Number) ?? [];
    if (!(index >= 1 && index <= of)) return badValue("--shard", "`I/N`, such as `1/4` to `4/4`", value);
    flags.shard = { index, of };
    return undefined;
  }),
  "--durations": valued(["run", "merge"], (flags, value) => {
    flags.durations = value;
    return undefined;
  }),
  "--results": valued(["run"], (flags, value) => {
    flags.results = value;
    return undefined;
  }),
};
