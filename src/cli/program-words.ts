import { failed, ok, type Result } from "../base/result.ts";
import type { ProgramKind } from "../protocol/api.ts";
import { type Problem, problem } from "../protocol/errors.ts";

/** What stands behind the name of an interpreter: its own flags, what it runs, and the arguments of that. */
export interface PythonWords {
  readonly flags: readonly string[];
  readonly command: ProgramKind;
  /** A path, a module's name, or code. */
  readonly script: string;
  readonly args: readonly string[];
}

/** Flags of Python without a value, in one word or several; those that need a person or end at once are left out. */
const PLAIN_FLAGS = /^[bBdEIOPqRsSuvx]$/;

/** Reads the words behind `python` as Python itself does. */
export function readPythonWords(words: readonly string[]): Result<PythonWords, Problem> {
  const flags: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (word === "--check-hash-based-pycs") {
      flags.push(word, words[index + 1] ?? "");
      index += 1;
      continue;
    }
    if (!word.startsWith("-") || word === "-") {
      if (word === "-") break;
      return ok({ flags, command: "script", script: word, args: words.slice(index + 1) });
    }
    const read = readCluster(word.slice(1), words[index + 1]);
    if (read === undefined) return failed(notServed(`Python's \`${word}\``));
    if (read.valued === undefined) {
      flags.push(word);
      continue;
    }
    const { letter, value, isNextWord } = read.valued;
    if (value === undefined) break;
    if (letter === "m" || letter === "c") {
      if (read.plain !== "") flags.push(`-${read.plain}`);
      const args = words.slice(index + (isNextWord ? 2 : 1));
      return ok({ flags, command: letter === "m" ? "module" : "code", script: value, args });
    }
    flags.push(...(isNextWord ? [word, value] : [word]));
    if (isNextWord) index += 1;
  }
  return failed(notServed("Python without a program"));
}

interface Cluster {
  readonly plain: string;
  readonly valued:
    | { readonly letter: string; readonly value: string | undefined; readonly isNextWord: boolean }
    | undefined;
}

/** `uW error` is the flag `u`, and `W` with the next word; undefined where a letter is none that a program can run with. */
function readCluster(letters: string, nextWord: string | undefined): Cluster | undefined {
  let plain = "";
  for (const [index, letter] of [...letters].entries()) {
    if ("mcWX".includes(letter)) {
      const attached = letters.slice(index + 1);
      const isNextWord = attached === "";
      return { plain, valued: { letter, value: isNextWord ? nextWord : attached, isNextWord } };
    }
    if (!PLAIN_FLAGS.test(letter)) return undefined;
    plain += letter;
  }
  return { plain, valued: undefined };
}

function notServed(what: string): Problem {
  const sentence = `Expected a script, \`-m MODULE\` or \`-c CODE\` for Python to run: ${what} is not served.`;
  return problem("not-supported", sentence, "prewarm run -- python script.py");
}
