import { type Problem, problem } from "../protocol/errors.ts";
import type { CommandName } from "./command-names.ts";
import type { Flags } from "./parse-arguments.ts";

/** Flags while a command line is read. */
export type MutableFlags = { -readonly [Name in keyof Flags]: Flags[Name] };

/** One flag: who takes it, and what it means. */
export interface FlagRule {
  readonly commands: readonly CommandName[];
  /** Takes the value in, or says what is wrong with it. Flags without a value get an empty one. */
  readonly read: (flags: MutableFlags, value: string) => Problem | undefined;
  readonly takesValue: boolean;
  /** Takes the next word where it is a number, else an empty value. */
  readonly takesNumber?: true;
}

/** A value that a flag cannot take. */
export function badValue(flag: string, expected: string, value: string): Problem {
  return problem("bad-value", `Expected \`${flag}\` to be ${expected}, got \`${value}\`.`, "prewarm run --help");
}

/** A flag with a value. */
export function valued(
  commands: readonly CommandName[],
  read: (flags: MutableFlags, value: string) => Problem | undefined,
): FlagRule {
  return { commands, takesValue: true, read };
}

/** A list of the configuration, divided by commas; a flag that is repeated adds to it. */
export function setting(key: string): FlagRule {
  return valued(["run", "watch"], (flags, value) => {
    const before = flags.settings?.[key];
    flags.settings = { ...flags.settings, [key]: before === undefined ? value : `${before},${value}` };
    return undefined;
  });
}

/** A flag without one. */
export function plain(commands: readonly CommandName[], set: (flags: MutableFlags) => void): FlagRule {
  return {
    commands,
    takesValue: false,
    read: (flags) => {
      set(flags);
      return undefined;
    },
  };
}
