import { type Terminal, wantsColor } from "../surfaces/terminal/terminal.ts";
import { isTerminal } from "./is-terminal.ts";
import { writeText } from "./write-output.ts";

/** Standard error, where everything goes that is not pytest's. */
export function errorScreen(): Terminal {
  const isScreen = isTerminal(2);
  return {
    write: (text) => writeText(2, text),
    isScreen,
    hasColor: wantsColor(isScreen, process.env),
  };
}
