import { type Terminal, wantsColor } from "../surfaces/terminal/terminal.ts";
import { isTerminal } from "./is-terminal.ts";
import { writeText } from "./write-output.ts";

/** Standard error, where everything goes that is not pytest's. */
export function errorScreen(): Terminal {
  return screenOf(2);
}

/** Standard output, for commands whose output is ours. */
export function outputScreen(): Terminal {
  return screenOf(1);
}

function screenOf(descriptor: 1 | 2): Terminal {
  const isScreen = isTerminal(descriptor);
  return {
    write: (text) => writeText(descriptor, text),
    isScreen,
    hasColor: wantsColor(isScreen, process.env),
  };
}
