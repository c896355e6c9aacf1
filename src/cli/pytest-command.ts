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
  if (/^(?:python|pypy)[\d.]*t?$/.test(name)) {
    if (words[1] === "-m" && (words[2] === "pytest" || words[2] === "py.test")) {
      // `python3.12` is meant as it stands; a bare `python` is whichever the project uses.
      const isMeant = isPath || /\d\.\d/.test(name) || name.startsWith("pypy");
      return ok({ isModule: true, script: undefined, python: isMeant ? program : undefined, args: words.slice(3) });
    }
    const sentence = `Expected \`${name} -m pytest\` after \`--\`, got \`${shellWords(words.slice(0, 3))}\`.`;
    return failed(problem("not-supported", sentence, `prewarm run -- ${shellWords([program, "-m", "pytest"])}`));
  }
  const inner = innerCommand(words, name);
  const next = inner ?? "prewarm run -- pytest";
  const hint = inner === undefined ? "" : `      (prewarm finds ${name}'s environment by itself)`;
  const sentence = `Expected \`pytest\` or \`python -m pytest\` after \`--\`, got \`${program}\`: prewarm runs nothing else.`;
  return failed(problem("not-supported", sentence, `${next}${hint}`));
}

function innerCommand(words: readonly string[], name: string): string | undefined {
  const skipped = RUNNERS[name];
  const rest = skipped === undefined ? [] : words.slice(skipped);
  return rest.length > 0 && readPytestCommand(rest).ok ? `prewarm run -- ${shellWords(rest)}` : undefined;
}
