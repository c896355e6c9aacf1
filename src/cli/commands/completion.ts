import { bashCompletion } from "../completion/bash.ts";
import { commandWords } from "../completion/command-words.ts";
import { fishCompletion } from "../completion/fish.ts";
import { zshCompletion } from "../completion/zsh.ts";
import type { ShellName } from "../parse-arguments.ts";
import { writeText } from "../write-output.ts";

const WRITERS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/** `prewarm completion SHELL`: what the shell has to be told, made from the very table that command lines are read with. */
export function completion(shell: ShellName): number {
  writeText(1, WRITERS[shell](commandWords()));
  return 0;
}
