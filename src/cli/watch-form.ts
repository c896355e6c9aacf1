import type { Flags } from "./parse-arguments.ts";

/**
 * How a watch shows itself: the screen with its keys, one fact a line for a pipe, pytest's own output with our lines
 * beside it, or events as JSON.
 */
export type WatchForm = "screen" | "lines" | "native" | "json";

/** What a watch is started in. */
export interface WatchPlace {
  /** Whether standard input and standard output are a person's. */
  readonly isInteractive: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The form of a watch with these arguments of pytest. */
export function chooseForm(flags: Flags, args: readonly string[], { isInteractive, env }: WatchPlace): WatchForm {
  if (flags.json === true) return "json";
  const more = (env.PYTEST_ADDOPTS ?? "").split(/\s+/);
  if (flags.quiet === true || env.PREWARM_QUIET || talksToPerson([...args, ...more])) return "native";
  return isInteractive && !env.CI && env.TERM !== "dumb" ? "screen" : "lines";
}

const LONG = ["--capture=no", "--pdb", "--trace", "--setup-show", "--setup-plan", "--setup-only"];
const SPELLED = ["--collect-only", "--co", "--fixtures", "--markers", "--version", "--help"];

/** Whether pytest's output is itself what was asked for: a debugger, prints as they come, a report on something else. */
function talksToPerson(args: readonly string[]): boolean {
  return args.some((arg, index) => {
    if (LONG.includes(arg) || SPELLED.includes(arg)) return true;
    if (arg === "--capture" && args[index + 1] === "no") return true;
    // Flags without a value can be joined, as in `-xsv`.
    return /^-[hlqsvx]*[hs][hlqsvx]*$/.test(arg);
  });
}
