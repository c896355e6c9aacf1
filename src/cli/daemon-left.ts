import { type Problem, problem } from "../protocol/errors.ts";

/** The daemon ended while it worked for us: there is no verdict. */
export function daemonLeft(reason: string): Problem {
  const why = reason === "" ? "" : ` (${reason})`;
  return problem("daemon-left", `The daemon has left during the run${why}: there is no verdict.`, "prewarm logs");
}
