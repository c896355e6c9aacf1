/** A failure that people cause: what is wrong and where, and what to do next. `docs/errors.md` has an anchor for each code. */
export interface Problem {
  readonly code: ProblemCode;
  readonly sentence: string;
  /** A command or an act; empty only where there is none. */
  readonly next: string;
  readonly exit: number;
}

/** Every code, with the exit code of the command line: 0 to 5 are pytest's, 64 to 78 ours. */
export const EXIT_CODES = {
  usage: 64,
  "unknown-command": 64,
  "bad-value": 64,
  "unknown-key": 64,
  "bad-toml": 64,
  "two-configurations": 64,
  "config-unwritable": 73,
  "path-missing": 66,
  "no-python": 69,
  "no-pytest": 69,
  "no-debugpy": 69,
  "python-too-old": 69,
  "pytest-too-old": 69,
  "node-too-old": 69,
  "not-built": 69,
  "daemon-newer": 69,
  "daemon-start": 69,
  "daemon-left": 70,
  "port-taken": 69,
  internal: 70,
  interrupted: 2,
  "worker-died": 1,
  "import-crashed": 1,
  "outcomes-file": 73,
  "state-folder": 77,
  "state-unwritable": 73,
  "not-supported": 69,
  "tree-too-large": 65,
  "no-ray": 69,
  "ray-differs": 69,
  "node-unreachable": 69,
  "node-version": 69,
  "node-folder": 73,
  "nodes-differ": 69,
  "not-on-nodes": 69,
  "not-verified": 75,
  "not-probed": 75,
  "functions-unknown": 69,
  "not-merged": 65,
  "not-written": 73,
} as const satisfies Readonly<Record<string, number>>;

export type ProblemCode = keyof typeof EXIT_CODES;

/** A problem with its code's exit code, or another where the run's own decides. */
export function problem(code: ProblemCode, sentence: string, next: string, exit: number = EXIT_CODES[code]): Problem {
  return { code, sentence, next, exit };
}
