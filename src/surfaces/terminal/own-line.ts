import { printable, styled, type Terminal } from "./terminal.ts";

/** Prints one dim line of ours. */
export function printOwnLine(text: string, terminal: Terminal): void {
  terminal.write(`${styled(terminal, "dim", `prewarm: ${printable(text)}`)}\n`);
}
