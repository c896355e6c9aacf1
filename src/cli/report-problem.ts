import type { Problem } from "../protocol/errors.ts";
import { printProblem } from "../surfaces/terminal/print-problem.ts";
import { errorScreen } from "./screen.ts";

/** Prints a problem on standard error and returns its exit code. */
export function reportProblem(problem: Problem): number {
  printProblem(problem, errorScreen());
  return problem.exit;
}
