import { fstatSync } from "node:fs";

/** Whether a descriptor, such as 1 for standard output, is a terminal. */
export function isTerminal(descriptor: number): boolean {
  try {
    // Pipes and files need no answer from node:tty, whose loading costs the start half a millisecond.
    return fstatSync(descriptor).isCharacterDevice() && process.getBuiltinModule("node:tty").isatty(descriptor);
  } catch {
    return false;
  }
}
