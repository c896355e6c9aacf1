import { readFileSync } from "node:fs";
import { failed, ok, type Result } from "../base/result.ts";
import type { Choice } from "../protocol/api.ts";
import { type Problem, problem } from "../protocol/errors.ts";

/** Reads the tests of `--load-list FILE`: an id a line, `-` for standard input. */
export function readLoadList(file: string): Result<Choice, Problem> {
  try {
    const text = readFileSync(file === "-" ? 0 : file, "utf8");
    const ids = text.split(/\r?\n/).filter((line) => line !== "");
    return ok({ ids, path: "", name: "" });
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    return failed(
      problem("path-missing", `The list of tests ${file} cannot be read (${reason}).`, "prewarm run --load-list FILE"),
    );
  }
}
