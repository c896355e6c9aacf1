import { DIST_MODES } from "../../config/keys.ts";
import { COMMAND_NAMES, type CommandName } from "../command-names.ts";
import { flagsOf, SHELL_NAMES } from "../parse-arguments.ts";

/** What can be typed for one command. */
export interface CommandWords {
  readonly name: CommandName;
  readonly flags: readonly FlagWords[];
  /** Words in place of a flag. */
  readonly words: readonly string[];
}

/** A flag, and what can stand behind it: these words, a path, anything; null where it takes no value. */
export interface FlagWords {
  readonly flag: string;
  readonly value: readonly string[] | "path" | "any" | null;
}

const PATHS = ["--python", "--outcomes", "--load-list"];
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  "-n": ["auto", "logical"],
  "--dist": DIST_MODES,
  "--format": ["subunit"],
};

/** Every command with its flags, as the command line is read. */
export function commandWords(): readonly CommandWords[] {
  return COMMAND_NAMES.map((name) => ({
    name,
    flags: [
      ...flagsOf(name).map(({ flag, takesValue }) => ({ flag, value: takesValue ? takenBy(flag) : null })),
      { flag: "--help", value: null },
    ],
    words: name === "completion" ? SHELL_NAMES : name === "help" ? COMMAND_NAMES : [],
  }));
}

function takenBy(flag: string): FlagWords["value"] {
  return CHOICES[flag] ?? (PATHS.includes(flag) ? "path" : "any");
}
