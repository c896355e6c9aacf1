import { KEYS, type KeyName } from "../config/keys.ts";
import type { CommandName } from "./command-names.ts";
import { badValue, type FlagRule, plain, valued } from "./flag-rules.ts";

/** Who runs tests somewhere else than here. */
const ON_NODES: readonly CommandName[] = ["run", "watch", "serve", "ui", "mcp"];

/** Flags of runs on other machines: each sets the key of its name. */
export const NODE_FLAGS: Readonly<Record<string, FlagRule>> = {
  "--on": keyed("on"),
  "--node-command": keyed("node-command"),
  "--node-python": keyed("node-python"),
  "--node-env": keyed("node-env"),
  "--node-patience": keyed("node-patience"),
  "--allow-differences": plain(ON_NODES, (flags) => {
    flags.settings = { ...flags.settings, "allow-differences": "yes" };
  }),
};

function keyed(key: KeyName): FlagRule {
  return valued(ON_NODES, (flags, value) => {
    const { flag, expected, fromText } = KEYS[key];
    if (value === "" || fromText(value) === undefined) return badValue(flag, expected, value);
    flags.settings = { ...flags.settings, [key]: value };
    return undefined;
  });
}
