import type { LeaksMode } from "../protocol/api.ts";
import { ON_EXPECTED, parseOn } from "../protocol/on-nodes.ts";

/** What a project can set, by the names that stand in its configuration file. Paths are relative to the project's root. */
export interface Values {
  /** `auto`, `logical` or a number; empty where nobody has said. */
  readonly workers: string;
  /** As pytest-xdist's `--dist`; empty where nobody has said. */
  readonly dist: string;
  /** Seconds; 0 for no limit. */
  readonly "timeout-per-test": number;
  readonly leaks: LeaksMode;
  /** Where tests run, as `--on` takes it; empty for this machine. */
  readonly on: string;
  /** The command that starts the node side on another machine; empty for `prewarm node`. */
  readonly "node-command": string;
  /** The interpreter on nodes; empty for the path that it has here. */
  readonly "node-python": string;
  /** Names of variables that pass to nodes. */
  readonly "node-env": readonly string[];
  /** Seconds after which a node that says nothing is lost. */
  readonly "node-patience": number;
  /** Whether interpreters and packages of nodes may be others: `yes` or `no`. */
  readonly "allow-differences": string;
  /** Files or packages before which each timeline is cut. */
  readonly checkpoints: readonly string[];
  /** Installed packages, by the names with which they are imported. */
  readonly "never-ahead": readonly string[];
  /** Patterns as in `.gitignore`. */
  readonly "watch-globs": readonly string[];
  /** Patterns as in `.gitignore`. */
  readonly "ignore-globs": readonly string[];
  readonly "env-prefixes": readonly string[];
  /** What libraries need around a fork: `library=module:name` each, with nothing behind it for nothing at all. */
  readonly workarounds: readonly string[];
  /** Seconds. */
  readonly ttl: number;
  /** A port; 0 for a free one. */
  readonly http: number;
  /** Percent of the daemon's time; 0 where it is off. */
  readonly "verify-when-idle": number;
  /** The command of an editor, with `{file}` and `{line}` where it wants them; empty for that of the environment. */
  readonly editor: string;
}

export type KeyName = keyof Values;

/** One key: what it takes, where else it can be set, and what holds where nobody sets it. */
export interface Key<Value> {
  readonly expected: string;
  /** Its words, where it takes some. */
  readonly words?: readonly string[];
  readonly flag: string;
  readonly variable: string;
  readonly initial: Value;
  /** Takes a flag or a variable, whose text is never empty; undefined for what does not fit. */
  readonly fromText: (text: string) => Value | undefined;
  /** Takes a value of the file. */
  readonly fromFile: (value: unknown) => Value | undefined;
}

/** How workers can share tests; the same words as in pytest-xdist. */
export const DIST_MODES: readonly string[] = ["load", "loadscope", "loadfile", "loadgroup", "worksteal", "each", "no"];

const LEAKS_MODES: readonly LeaksMode[] = ["report", "fail", "off"];

export const DEFAULT_TTL_SECONDS = 30 * 60;
const DEFAULT_NODE_PATIENCE_SECONDS = 20;
const DEFAULT_HTTP_PORT = 7411;
/** What `true` means: percent of the daemon's time. */
const USUAL_IDLE_PERCENT = 10;
const LARGEST_PORT = 65_535;

const WORKAROUND = /^[\p{L}_][\p{L}\p{N}_.]*=(?:[\p{L}_][\p{L}\p{N}_.]*:[\p{L}_][\p{L}\p{N}_]*)?$/u;

/** Every key, in the order in which they are shown. */
export const KEYS: { readonly [Name in KeyName]: Key<Values[Name]> } = {
  workers: {
    ...{ expected: "a number, `auto` or `logical`", flag: "-n", variable: "PREWARM_WORKERS", initial: "" },
    words: ["auto", "logical"],
    fromText: toWorkers,
    fromFile: (value) =>
      typeof value === "number" || typeof value === "string" ? toWorkers(String(value)) : undefined,
  },
  dist: {
    ...{ expected: `one of ${DIST_MODES.join(", ")}`, flag: "--dist", variable: "PREWARM_DIST", initial: "" },
    words: DIST_MODES,
    fromText: toDist,
    fromFile: (value) => (typeof value === "string" ? toDist(value) : undefined),
  },
  "timeout-per-test": {
    ...numeric("a positive number of seconds", isDuration, 0),
    ...{ flag: "--timeout-per-test", variable: "PREWARM_TIMEOUT_PER_TEST" },
  },
  leaks: {
    ...{ expected: "`report`, `fail` or `off`", flag: "--leaks", variable: "PREWARM_LEAKS", initial: "report" },
    words: ["report", "fail", "off"],
    fromText: toLeaks,
    fromFile: (value) => (typeof value === "string" ? toLeaks(value) : undefined),
  },
  on: {
    ...{ expected: ON_EXPECTED, flag: "--on", variable: "PREWARM_ON", initial: "" },
    fromText: toOn,
    fromFile: (value) => (typeof value === "string" ? toOn(value) : undefined),
  },
  "node-command": words("a command", "node-command"),
  "node-python": words("a path", "node-python"),
  "node-env": list("variables' names", "node-env", (text) => /^\w+$/.test(text)),
  "node-patience": {
    ...numeric("a positive number of seconds", isDuration, DEFAULT_NODE_PATIENCE_SECONDS),
    ...{ flag: "--node-patience", variable: "PREWARM_NODE_PATIENCE" },
  },
  "allow-differences": {
    ...{ expected: "`true` or `false`", flag: "--allow-differences", variable: "PREWARM_ALLOW_DIFFERENCES" },
    ...{ words: ["yes", "no"], initial: "no" },
    fromText: (text) =>
      ["yes", "true", "1"].includes(text) ? "yes" : ["no", "false", "0"].includes(text) ? "no" : undefined,
    fromFile: (value) => (typeof value === "boolean" ? (value ? "yes" : "no") : undefined),
  },
  checkpoints: list("files of the project", "checkpoints", isText),
  "never-ahead": list("packages, as they are imported", "never-ahead", (text) =>
    /^[\p{L}_][\p{L}\p{N}_.]*$/u.test(text),
  ),
  "watch-globs": list("patterns as in .gitignore", "watch-globs", isText),
  "ignore-globs": list("patterns as in .gitignore", "ignore-globs", isText),
  "env-prefixes": list("beginnings of variables' names", "env-prefixes", (text) => /^\w+$/.test(text)),
  workarounds: list("`library=module:name`, or `library=` for none", "workarounds", (text) => WORKAROUND.test(text)),
  ttl: {
    ...numeric("a positive number of seconds", isDuration, DEFAULT_TTL_SECONDS),
    ...{ flag: "--ttl", variable: "PREWARM_TTL" },
  },
  http: {
    ...numeric(`a port from 0 to ${LARGEST_PORT}`, isPort, DEFAULT_HTTP_PORT),
    ...{ flag: "--http", variable: "PREWARM_HTTP" },
  },
  "verify-when-idle": {
    ...{ expected: "`true`, `false` or percent of the time", words: ["true", "false"], initial: 0 },
    ...{ flag: "--verify-when-idle", variable: "PREWARM_VERIFY_WHEN_IDLE" },
    fromText: (text) => toShare(text === "true" || text === "false" ? text === "true" : Number(text)),
    fromFile: toShare,
  },
  editor: {
    ...{ expected: "the command of an editor", flag: "--editor", variable: "PREWARM_EDITOR", initial: "" },
    fromText: (text) => (isText(text) ? text : undefined),
    fromFile: (value) => (typeof value === "string" && isText(value) ? value : undefined),
  },
};

export const KEY_NAMES = Object.keys(KEYS) as readonly KeyName[];

function words(what: string, name: KeyName): Key<string> {
  const check = (value: unknown): string | undefined =>
    typeof value === "string" && isText(value) ? value : undefined;
  const variable = `PREWARM_${name.replaceAll("-", "_").toUpperCase()}`;
  return { expected: what, flag: `--${name}`, variable, initial: "", fromText: check, fromFile: check };
}

function list(what: string, name: KeyName, isFine: (text: string) => boolean): Key<readonly string[]> {
  const check = (texts: readonly unknown[]): readonly string[] | undefined =>
    texts.every((text): text is string => typeof text === "string" && isFine(text)) ? texts : undefined;
  return {
    expected: `a list of ${what}`,
    flag: `--${name}`,
    variable: `PREWARM_${name.replaceAll("-", "_").toUpperCase()}`,
    initial: [],
    fromText: (text) => check(text.split(",").map((part) => part.trim())),
    fromFile: (value) => (Array.isArray(value) ? check(value) : undefined),
  };
}

function numeric(
  expected: string,
  isFine: (value: number) => boolean,
  initial: number,
): Pick<Key<number>, "expected" | "initial" | "fromText" | "fromFile"> {
  const check = (value: number): number | undefined => (isFine(value) ? value : undefined);
  return {
    expected,
    initial,
    fromText: (text) => check(Number(text)),
    fromFile: (value) => (typeof value === "number" ? check(value) : undefined),
  };
}

function isDuration(value: number): boolean {
  return value > 0 && Number.isFinite(value);
}

function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= LARGEST_PORT;
}

function isText(text: string): boolean {
  return text.trim() !== "";
}

function toWorkers(text: string): string | undefined {
  return /^(?:auto|logical|\d{1,4})$/.test(text) ? text : undefined;
}

function toShare(value: unknown): number | undefined {
  if (typeof value === "boolean") return value ? USUAL_IDLE_PERCENT : 0;
  return typeof value === "number" && value >= 0 && value <= 100 ? value : undefined;
}

function toOn(text: string): string | undefined {
  return parseOn(text) === undefined ? undefined : text;
}

function toLeaks(text: string): LeaksMode | undefined {
  return LEAKS_MODES.find((mode) => mode === text);
}

function toDist(text: string): string | undefined {
  return DIST_MODES.includes(text) ? text : undefined;
}
