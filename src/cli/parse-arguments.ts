import { nearestName } from "../base/nearest-name.ts";
import { failed, ok, type Result } from "../base/result.ts";
import { DIST_MODES, KEYS } from "../config/keys.ts";
import type { DebugpyWish, LeaksMode } from "../protocol/api.ts";
import { type Problem, problem } from "../protocol/errors.ts";
import { COMMAND_NAMES, type CommandName } from "./command-names.ts";
import { findClash } from "./flag-clashes.ts";
import { badValue, type FlagRule, type MutableFlags, plain, setting, valued } from "./flag-rules.ts";
import { INSIGHT_FLAGS, type InsightFlags } from "./insight-flags.ts";
import { hasOwnWord, parseBench, parseBisect, parseMerge } from "./insight-words.ts";
import { NODE_FLAGS } from "./node-flags.ts";
import { SHARD_FLAGS, type ShardFlags } from "./shard-flags.ts";

/** What a command line asks for. `words` is the program to run and its arguments: what stands after `--`. */
export type Command =
  | {
      readonly name: "run" | "watch" | "list" | "serve" | "ui" | "mcp" | "imports" | "doctor" | "merge";
      readonly words: readonly string[];
      readonly flags: Flags;
    }
  /** What stestr puts after its Python: the words that start its own runner. */
  | { readonly name: "stestr"; readonly words: readonly string[] }
  /** Without words it is about the last run. */
  | { readonly name: "verify" | "report"; readonly words: readonly string[]; readonly flags: Flags }
  | {
      readonly name: "bisect-order";
      readonly about: string;
      readonly words: readonly string[];
      readonly flags: Flags;
    }
  | { readonly name: "completion"; readonly shell: ShellName }
  | { readonly name: "bench"; readonly count: number; readonly words: readonly string[]; readonly flags: Flags }
  /** `about` is a test, a file, or empty for the last run. */
  | { readonly name: "why"; readonly about: string; readonly flags: Flags }
  | { readonly name: WordlessName; readonly flags: Flags }
  | { readonly name: "help"; readonly topic: CommandName | undefined }
  | { readonly name: "version" };

/** Shells whose completion we know. */
export const SHELL_NAMES = ["bash", "zsh", "fish"] as const;
export type ShellName = (typeof SHELL_NAMES)[number];

/** The values of our own flags; absent means: not given. */
export interface Flags extends InsightFlags, ShardFlags {
  readonly python?: string;
  readonly outcomes?: string;
  readonly json?: true;
  readonly quiet?: true;
  readonly bell?: true;
  readonly title?: true;
  readonly noDaemon?: true;
  readonly ttlSeconds?: number;
  readonly follow?: true;
  readonly lines?: number;
  /** Runs everything after an edit, not only what it can affect. */
  readonly all?: true;
  /** Another form of what is written on standard output. */
  readonly format?: "subunit";
  /** A file with the ids of the tests to run, one a line. */
  readonly loadList?: string;
  readonly stdio?: true;
  /** What was compared in idle time, not now. */
  readonly last?: true;
  /** The port of `--http`; 0 for a free one, null where it names none. */
  readonly httpPort?: number | null;
  /** Prints where the page is, and opens no browser. */
  readonly noOpen?: true;
  readonly debugpy?: DebugpyWish;
  /** How many workers: `auto`, `logical` or a number. */
  readonly workers?: string;
  /** How they share the tests, as pytest-xdist's `--dist`. */
  readonly dist?: string;
  /** What is said of the configuration's lists, by their keys. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Seconds after which a test has failed. */
  readonly timeoutS?: number;
  /** Percent of its time that a daemon may compare itself with cold runs. */
  readonly idlePercent?: number;
  readonly leaks?: LeaksMode;
}

/** What editors expect. */
const DEBUGPY_PORT = 5678;

const RUNNING: readonly CommandName[] = [
  "run",
  "watch",
  "list",
  "serve",
  "ui",
  "mcp",
  "verify",
  "bisect-order",
  "imports",
  "doctor",
  "bench",
  "report",
];

const FLAGS: Readonly<Record<string, FlagRule>> = {
  "--python": valued(RUNNING, (flags, value) => {
    flags.python = value;
    return undefined;
  }),
  "--outcomes": valued(["run", "watch", "merge"], (flags, value) => {
    flags.outcomes = value;
    return undefined;
  }),
  "--ttl": valued([...RUNNING, "start", "restart"], (flags, value) => {
    const seconds = Number(value);
    if (!(seconds > 0 && Number.isFinite(seconds))) return badValue("--ttl", "a positive number of seconds", value);
    flags.ttlSeconds = seconds;
    return undefined;
  }),
  "-n": valued(RUNNING, (flags, value) => {
    if (!/^(?:auto|logical|\d{1,4})$/.test(value)) return badValue("-n", "a number, `auto` or `logical`", value);
    flags.workers = value;
    return undefined;
  }),
  "--dist": valued(["run", "watch"], (flags, value) => {
    if (!DIST_MODES.includes(value)) return badValue("--dist", `one of ${DIST_MODES.join(", ")}`, value);
    flags.dist = value;
    return undefined;
  }),
  "--timeout-per-test": valued(["run"], (flags, value) => {
    const seconds = Number(value);
    if (!(seconds > 0 && Number.isFinite(seconds))) {
      return badValue("--timeout-per-test", "a positive number of seconds", value);
    }
    flags.timeoutS = seconds;
    return undefined;
  }),
  "--checkpoints": setting("checkpoints"),
  "--never-ahead": setting("never-ahead"),
  "--watch-globs": setting("watch-globs"),
  "--ignore-globs": setting("ignore-globs"),
  "--env-prefixes": setting("env-prefixes"),
  "--workarounds": setting("workarounds"),
  "--editor": valued(["watch", "serve", "ui"], (flags, value) => {
    flags.settings = { ...flags.settings, editor: value };
    return undefined;
  }),
  "--leaks": valued(["run", "watch"], (flags, value) => {
    const mode = KEYS.leaks.fromText(value);
    if (mode === undefined) return badValue("--leaks", KEYS.leaks.expected, value);
    flags.leaks = mode;
    return undefined;
  }),
  "--lines": valued(["logs"], (flags, value) => {
    if (!/^[1-9]\d*$/.test(value)) return badValue("--lines", "a positive number", value);
    flags.lines = Number(value);
    return undefined;
  }),
  "--format": valued(["run", "list", "serve"], (flags, value) => {
    if (value !== "subunit") return badValue("--format", "`subunit`", value);
    flags.format = value;
    return undefined;
  }),
  "--load-list": valued(["run", "list"], (flags, value) => {
    flags.loadList = value;
    return undefined;
  }),
  "--stdio": plain(["serve"], (flags) => {
    flags.stdio = true;
  }),
  "--debugpy": debugpy("--debugpy", false),
  "--debugpy-wait": debugpy("--debugpy-wait", true),
  "--http": {
    commands: ["serve", "ui"],
    takesValue: false,
    takesNumber: true,
    read: (flags, value) => {
      const port = Number(value);
      if (!/^\d*$/.test(value) || port > 65_535) return badValue("--http", "a port from 0 to 65535", value);
      flags.httpPort = value === "" ? null : port;
      return undefined;
    },
  },
  "--no-open": plain(["ui"], (flags) => {
    flags.noOpen = true;
  }),
  "--all": plain(["watch", "ui", "doctor"], (flags) => {
    flags.all = true;
  }),
  "--verify-when-idle": plain(["watch", "start", "restart"], (flags) => {
    flags.idlePercent = KEYS["verify-when-idle"].fromText("true") ?? 0;
    flags.settings = { ...flags.settings, "verify-when-idle": "true" };
  }),
  "--last": plain(["verify"], (flags) => {
    flags.last = true;
  }),
  "--json": plain(["run", "watch", "status", "verify", "flaky", "imports", "doctor", "bench", "config"], (flags) => {
    flags.json = true;
  }),
  "--quiet": plain(RUNNING, (flags) => {
    flags.quiet = true;
  }),
  "--bell": plain(["watch"], (flags) => {
    flags.bell = true;
  }),
  "--title": plain(["watch"], (flags) => {
    flags.title = true;
  }),
  "--no-daemon": plain(["run", "list"], (flags) => {
    flags.noDaemon = true;
  }),
  "--follow": plain(["logs"], (flags) => {
    flags.follow = true;
  }),
  "-f": plain(["logs"], (flags) => {
    flags.follow = true;
  }),
  ...NODE_FLAGS,
  ...INSIGHT_FLAGS,
  ...SHARD_FLAGS,
};

/** Reads a command line without the program's own name. The problem says what was expected, and what to type. */
export function parseArguments(argv: readonly string[]): Result<Command, Problem> {
  const first = argv[0];
  if (first === undefined) return ok({ name: "help", topic: undefined });
  if (first.startsWith("-")) return parseCommand("watch", argv);
  const name = COMMAND_NAMES.find((each) => each === first);
  if (name === undefined) return failed(unknownCommand(first, argv));
  if (name === "version") return ok({ name });
  if (name === "help") return ok({ name, topic: COMMAND_NAMES.find((each) => each === argv[1]) });
  if (name === "stestr") return parseStestr(argv.slice(1));
  return parseCommand(name, argv.slice(1));
}

// The words are stestr's own, and some of them look like flags of ours.
function parseStestr(words: readonly string[]): Result<Command, Problem> {
  if (words[0] === "--help" || words[0] === "-h") return ok({ name: "help", topic: "stestr" });
  return ok({ name: "stestr", words });
}

/** Commands that take flags alone. */
const WORDLESS = ["status", "start", "stop", "restart", "logs", "flaky", "config", "init"] as const;
type WordlessName = (typeof WORDLESS)[number];

type ParsedName = Exclude<CommandName, "help" | "version" | "stestr">;

function parseCommand(name: ParsedName, argv: readonly string[]): Result<Command, Problem> {
  const flags: MutableFlags = {};
  const hasSeparator = argv.includes("--");
  const own: string[] = [];
  let index = 0;
  for (; index < argv.length; index += 1) {
    const word = argv[index] ?? "";
    if (word === "--") break;
    if (hasOwnWord(name) && !word.startsWith("-") && own.length === 0) {
      own.push(word);
      continue;
    }
    if (word === "--help" || word === "-h") return ok({ name: "help", topic: name === "watch" ? undefined : name });
    if (word === "--version" || word === "-V") return ok({ name: "version" });
    const [flag, attached] = splitFlag(word);
    const rule = FLAGS[flag];
    if (rule === undefined || !rule.commands.includes(name)) {
      const objection = objectTo(word, flag, name, hasSeparator);
      if (objection !== undefined) return failed(objection);
      break;
    }
    const isNumber = rule.takesNumber === true && /^\d+$/.test(argv[index + 1] ?? "");
    if (!rule.takesValue && rule.takesNumber !== true && attached !== undefined) {
      return failed(problem("usage", `\`${flag}\` takes no value, got \`${word}\`.`, helpFor(name)));
    }
    if ((rule.takesValue || isNumber) && attached === undefined) index += 1;
    const value = rule.takesValue || isNumber ? (attached ?? argv[index]) : (attached ?? "");
    if (value === undefined || value === "--") {
      return failed(problem("usage", `Expected a value after \`${flag}\`.`, helpFor(name)));
    }
    const fault = rule.read(flags, value);
    if (fault !== undefined) return failed(fault);
  }
  return finish(name, [...own, ...argv.slice(index)], flags);
}

function finish(name: ParsedName, rest: readonly string[], flags: Flags): Result<Command, Problem> {
  if (name === "why") {
    const words = rest[0] === "--" ? rest.slice(1) : rest;
    const [about = "", extra] = words;
    if (extra === undefined) return ok({ name, about, flags });
    return failed(problem("usage", `\`prewarm why\` takes one test or file, got \`${extra}\` as well.`, helpFor(name)));
  }
  if (name === "bisect-order") return parseBisect(rest, flags);
  if (name === "bench") return parseBench(rest, flags);
  if (name === "merge") return parseMerge(rest, flags);
  if ((name === "verify" || name === "report") && rest.length === 0) return ok({ name, words: [], flags });
  if (name === "completion") {
    const shell = SHELL_NAMES.find((each) => each === rest[0]);
    if (shell !== undefined) return ok({ name, shell });
    const got = rest[0] === undefined ? "nothing" : `\`${rest[0]}\``;
    return failed(problem("usage", `Expected one of ${SHELL_NAMES.join(", ")}, got ${got}.`, helpFor(name)));
  }
  if (isWordless(name)) {
    const extra = rest[0] === "--" ? rest[1] : rest[0];
    if (extra === undefined) return ok({ name, flags });
    return failed(problem("usage", `\`prewarm ${name}\` takes no \`${extra}\`.`, helpFor(name)));
  }
  const clash = findClash(flags);
  if (clash !== undefined) {
    const sentence = `\`${clash[0]}\` and \`${clash[1]}\` do not go together.`;
    return failed(problem("usage", sentence, helpFor(name)));
  }
  if (name === "serve" && (flags.stdio === true) === (flags.httpPort !== undefined)) {
    return failed(problem("usage", "Expected `--stdio` or `--http [PORT]`.", "prewarm serve --help"));
  }
  if (rest[0] === "--") {
    const words = rest.slice(1);
    if (words.length > 0) return ok({ name, words, flags });
    return failed(problem("usage", "Expected a pytest command after `--`, got nothing.", `${called(name)} -- pytest`));
  }
  if (name === "watch") return failed(problem("usage", "Expected `--` and a pytest command.", "prewarm -- pytest"));
  if (rest[0] === "pytest" || rest[0] === "py.test") {
    return failed(problem("usage", `Expected \`--\` before \`${rest[0]}\`.`, `prewarm ${name} -- ${shellWords(rest)}`));
  }
  return ok({ name, words: ["pytest", ...rest], flags });
}

function isWordless(name: ParsedName): name is WordlessName {
  return WORDLESS.some((each) => each === name);
}

/** What is wrong with a word that is no flag of this command, or undefined where pytest's arguments begin with it. */
function objectTo(word: string, flag: string, name: ParsedName, hasSeparator: boolean): Problem | undefined {
  const takesArguments = name !== "watch" && !isWordless(name);
  const known = [...flagsOf(name).map(({ flag }) => flag), "--help", "--version"];
  const near = flag.startsWith("-") ? nearestName(flag, known) : undefined;
  if (near !== undefined) {
    return problem("usage", `\`prewarm ${name}\` has no flag \`${flag}\`; did you mean \`${near}\`?`, helpFor(name));
  }
  if (takesArguments && !hasSeparator) return undefined;
  if (!takesArguments && !flag.startsWith("-")) {
    return name === "watch" ? undefined : problem("usage", `\`prewarm ${name}\` takes no \`${word}\`.`, helpFor(name));
  }
  const sentence = FLAGS[flag]
    ? `\`${flag}\` is no flag of \`prewarm ${name}\`.`
    : `\`${word}\` is no flag of prewarm; pytest's own arguments stand after \`-- pytest\`.`;
  return problem("usage", sentence, helpFor(name));
}

function unknownCommand(first: string, argv: readonly string[]): Problem {
  if (first === "pytest" || first === "py.test" || /^python[\d.]*$/.test(first)) {
    const next = `prewarm -- ${shellWords(argv)}      once only: prewarm run -- ${shellWords(argv)}`;
    return problem("unknown-command", `Expected \`--\` before \`${first}\`.`, next);
  }
  const near = nearestName(first, COMMAND_NAMES);
  if (near !== undefined) {
    const next = `prewarm ${shellWords([near, ...argv.slice(1)])}`;
    return problem("unknown-command", `There is no command \`${first}\`; did you mean \`${near}\`?`, next);
  }
  const sentence = `There is no command \`${first}\`; there are ${COMMAND_NAMES.join(", ")}.`;
  return problem("unknown-command", sentence, `prewarm run -- pytest ${shellWords(argv)}`);
}

// `--name=value`, and `-n1` as other programs take it.
function splitFlag(word: string): readonly [flag: string, value: string | undefined] {
  if (/^-n.+/.test(word)) return ["-n", word.slice(word[2] === "=" ? 3 : 2)];
  const equals = word.startsWith("--") ? word.indexOf("=") : -1;
  return equals === -1 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)];
}

/** The flags of a command. */
export function flagsOf(name: CommandName): readonly { readonly flag: string; readonly takesValue: boolean }[] {
  const own = Object.entries(FLAGS).filter(([, rule]) => rule.commands.includes(name));
  return own.map(([flag, { takesValue }]) => ({ flag, takesValue }));
}

function helpFor(name: ParsedName): string {
  return name === "watch" ? "prewarm --help" : `prewarm ${name} --help`;
}

function called(name: ParsedName): string {
  return name === "watch" ? "prewarm" : `prewarm ${name}`;
}

/** Words as a person can paste them into a shell. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}

function debugpy(flag: string, wait: boolean): FlagRule {
  return {
    commands: ["run"],
    takesValue: false,
    takesNumber: true,
    read: (flags, value) => {
      const port = value === "" ? (flags.debugpy?.port ?? DEBUGPY_PORT) : Number(value);
      if (!/^\d*$/.test(value) || port > 65_535) return badValue(flag, "a port from 0 to 65535", value);
      flags.debugpy = { port, wait: wait || flags.debugpy?.wait === true };
      return undefined;
    },
  };
}
