import { basename } from "node:path";
import { failed, ok, type Result } from "../base/result.ts";
import { type Problem, problem } from "../protocol/errors.ts";
import { shellWords } from "./parse-arguments.ts";

/** A pytest command as it was typed: by its console script or as a module, with what names the interpreter. */
export interface PytestCommand {
  readonly isModule: boolean;
  /** A path of a pytest script, or a path or versioned name of an interpreter; undefined: find one. */
  readonly script: string | undefined;
  readonly python: string | undefined;
  readonly args: readonly string[];
}

const RUNNERS: Readonly<Record<string, number>> = { uv: 2, uvx: 1, poetry: 2, pdm: 2, pipenv: 2, hatch: 2, rye: 2 };

/** Reads the words after `--`: `pytest ARGS`, `path/to/pytest ARGS`, `python -m pytest ARGS`. */
export function readPytestCommand(words: readonly string[]): Result<PytestCommand, Problem> {
  const program = words[0] ?? "";
  const name = basename(program).replace(/\.exe$/, "");
  const isPath = program.includes("/");
  if (name === "pytest" || name === "py.test") {
    const script = isPath ? program : undefined;
    return ok({ isModule: false, script, python: undefined, args: words.slice(1) });
  }
  if (isPythonName(name)) {
    if (words[1] === "-m" && (words[2] === "pytest" || words[2] === "py.test")) {
      // `python3.12` is meant as it stands; a bare `python` is whichever the project uses.
      const isMeant = isPath || /\d\.\d/.test(name) || name.startsWith("pypy");
      return ok({ isModule: true, script: undefined, python: isMeant ? program : undefined, args: words.slice(3) });
    }
    const sentence = `Expected \`${name} -m pytest\` after \`--\`, got \`${shellWords(words.slice(0, 3))}\`.`;
    return failed(problem("not-supported", sentence, `prewarm run -- ${shellWords([program, "-m", "pytest"])}`));
  }
  const started = innerCommand(words);
  const inner = started !== undefined && isPytestCommand(started) ? started : undefined;
  const next = inner === undefined ? "prewarm run -- pytest" : `prewarm run -- ${shellWords(inner)}`;
  const hint = inner === undefined ? "" : `      (prewarm finds ${name}'s environment by itself)`;
  const sentence = `Expected \`pytest\` or \`python -m pytest\` after \`--\`, got \`${program}\`: this needs tests of pytest.`;
  return failed(problem("not-supported", sentence, `${next}${hint}`));
}

/** Whether a command starts pytest; otherwise it is a program, or none that prewarm can serve. */
export function isPytestCommand(words: readonly string[]): boolean {
  return readPytestCommand(words).ok;
}

/** Whether this is how an interpreter is called. */
export function isPythonName(name: string): boolean {
  return /^(?:python|pypy)[\d.]*t?$/.test(name);
}

/** What `uv run WORDS` and the like start; undefined where the first word is no such runner. */
export function innerCommand(words: readonly string[]): readonly string[] | undefined {
  const skipped = RUNNERS[basename(words[0] ?? "")];
  const rest = skipped === undefined ? [] : words.slice(skipped);
  return rest.length > 0 ? rest : undefined;
}
