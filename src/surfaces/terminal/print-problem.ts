import type { Problem } from "../../protocol/errors.ts";
import { printable, styled, type Terminal } from "./terminal.ts";

/** Prints an error: its code, one sentence, and what to do next. */
export function printProblem({ code, sentence, next }: Problem, terminal: Terminal): void {
  terminal.write(message(terminal, styled(terminal, "red", `error[${code}]`), sentence, next));
}

/** Prints a warning: the verdict holds, but a person should know. */
export function printWarning({ code, text, next }: Warning, terminal: Terminal): void {
  terminal.write(message(terminal, styled(terminal, "yellow", `warning[${code}]`), text, next));
}

/** What holds although the verdict does too, in one sentence, and what to do next. */
export interface Warning {
  readonly code: string;
  readonly text: string;
  readonly next: string;
}

function message(terminal: Terminal, head: string, sentence: string, next: string): string {
  const line = `prewarm: ${head} ${printable(sentence)}\n`;
  return next === "" ? line : `${line}   next: ${describeNext(terminal, printable(next))}\n`;
}

// The command comes first; what is said about it stands after a gap.
function describeNext(terminal: Terminal, next: string): string {
  const gap = next.search(/ {3,}/);
  const end = gap === -1 ? next.length : gap;
  return `${styled(terminal, "bold", next.slice(0, end))}${next.slice(end)}`;
}
