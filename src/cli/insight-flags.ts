import { badValue, type FlagRule, plain, valued } from "./flag-rules.ts";

/** Flags of what looks at runs rather than making them. */
export interface InsightFlags {
  /** Says after the run where its time went. */
  readonly detailed?: true;
  /** Says how many workers there would be, and runs nothing. */
  readonly printWorkers?: true;
  /** Runs so often, each time in a process of its own. */
  readonly repeat?: number;
  /** Runs until something fails, or as often as `repeat` says. */
  readonly untilFail?: true;
  /** Where to write a report as HTML. */
  readonly html?: string;
  /** Failures as annotations of GitHub. */
  readonly github?: true;
  /** Does what is safe about what it finds. */
  readonly fix?: true;
  /** Also runs the tests, and lists what is imported and of which none executes a function. */
  readonly unused?: true;
  /** Where to draw imports on their time axis. */
  readonly flame?: string;
}

/** The rules of these flags. */
export const INSIGHT_FLAGS: Readonly<Record<string, FlagRule>> = {
  "--detailed": plain(["run"], (flags) => {
    flags.detailed = true;
  }),
  "--print-workers": plain(["run"], (flags) => {
    flags.printWorkers = true;
  }),
  "--repeat": valued(["run"], (flags, value) => {
    if (!/^[1-9]\d{0,8}$/.test(value)) return badValue("--repeat", "a positive number", value);
    flags.repeat = Number(value);
    return undefined;
  }),
  "--html": valued(["report"], (flags, value) => {
    flags.html = value;
    return undefined;
  }),
  "--github": plain(["report"], (flags) => {
    flags.github = true;
  }),
  "--fix": plain(["doctor"], (flags) => {
    flags.fix = true;
  }),
  "--flame": valued(["imports"], (flags, value) => {
    flags.flame = value;
    return undefined;
  }),
  "--unused": plain(["imports"], (flags) => {
    flags.unused = true;
  }),
  "--until-fail": plain(["run"], (flags) => {
    flags.untilFail = true;
  }),
};
