import { failed, ok, type Result } from "../base/result.ts";
import { type Problem, problem } from "../protocol/errors.ts";
import type { CommandName } from "./command-names.ts";
import type { Command, Flags } from "./parse-arguments.ts";

const DEFAULT_BENCH_RUNS = 3;

/** `prewarm bench [N] [-- pytest ARGS]`. */
export function parseBench(rest: readonly string[], flags: Flags): Result<Command, Problem> {
  const [first = ""] = rest;
  const isCount = /^[1-9]\d{0,3}$/.test(first);
  const [separator, ...words] = isCount ? rest.slice(1) : rest;
  if (separator !== undefined && (separator !== "--" || words.length === 0)) {
    const expected = "Expected a number of runs, and a pytest command after `--` where it is not `pytest`.";
    return failed(problem("usage", expected, "prewarm bench 3 -- pytest"));
  }
  const count = isCount ? Number(first) : DEFAULT_BENCH_RUNS;
  return ok({ name: "bench", count, words: words.length === 0 ? ["pytest"] : words, flags });
}

/** Whether a command takes a word of its own, before or between its flags. */
export function hasOwnWord(name: CommandName): boolean {
  return name === "bench" || name === "bisect-order";
}

/** `prewarm bisect-order TEST [-- pytest ARGS]`. */
export function parseBisect([about, separator, ...words]: readonly string[], flags: Flags): Result<Command, Problem> {
  if (
    about === undefined ||
    about === "--" ||
    (separator !== undefined && (separator !== "--" || words.length === 0))
  ) {
    const expected = "Expected a test, and a pytest command after `--` where it is not `pytest`.";
    return failed(problem("usage", expected, "prewarm bisect-order TEST -- pytest"));
  }
  return ok({ name: "bisect-order", about, words: words.length === 0 ? ["pytest"] : words, flags });
}

/** `prewarm merge FILE…`. */
export function parseMerge(rest: readonly string[], flags: Flags): Result<Command, Problem> {
  const words = rest[0] === "--" ? rest.slice(1) : rest;
  if (words.length > 0) return ok({ name: "merge", words, flags });
  const expected = "Expected files of `prewarm run --results`, got none.";
  return failed(problem("usage", expected, "prewarm merge --help"));
}
