/** What one cold start of pytest has imported, as `agent/probe/prewarm_probe.py` tells it. */
export interface ImportFacts {
  readonly exit: number;
  readonly python: string;
  readonly pytest: string;
  readonly totalMs: number;
  readonly tests: number;
  readonly modules: readonly ModuleRow[];
  /** Importing file (or module, where that has no file), imported module, line of the first such import. */
  readonly edges: readonly (readonly [importer: string, name: string, line: number])[];
  readonly deeds: readonly Deed[];
  /** Node ids that did not collect, with pytest's report. */
  readonly errors: readonly (readonly [id: string, text: string])[];
  /** Why prewarm would run plain pytest here, or empty. */
  readonly notWarm: string;
  readonly plugins: readonly (readonly [name: string, version: string])[];
  /** The folder of Python's own library, and the one in which pytest was started. */
  readonly library: string;
  readonly root: string;
  /** Of each file in Python: its functions, and whether one was executed before the tests. Null where that was not asked for or cannot be told. */
  readonly functions: readonly (readonly [file: string, count: number, hasRun: boolean])[] | null;
}

/** One import: an empty name where it failed; `parent` is the place of the one in which it happened, -1 for none. */
export type ModuleRow = readonly [
  name: string,
  file: string | null,
  parent: number,
  importingFile: string,
  line: number,
  startMs: number,
  totalMs: number,
  ownMs: number,
];

/** Something that a fork shares with others or loses, done while importing; the innermost frame comes first. */
export interface Deed {
  readonly kind: "thread" | "socket" | "loop" | "connection" | "process";
  readonly frames: readonly (readonly [path: string, line: number])[];
  readonly importing: readonly string[];
  readonly isLive: boolean;
}

export type ModuleKind = "third-party" | "application" | "conftest" | "test";

/**
 * Whose a file is. What is installed, and Python's own, is third-party. pytest imports tests and conftests by their path, in one file
 * of its own; plugins and what filters of warnings name it imports elsewhere.
 */
export function kindOfFile(file: string | null, importingFile: string, library: string): ModuleKind {
  if (file === null || /\/(?:site|dist)-packages\//.test(file) || file.startsWith(`${library}/`)) return "third-party";
  if (/(?:^|\/)conftest\.py$/.test(file)) return "conftest";
  return /\/(?:site|dist)-packages\/_pytest\/pathlib\.py$/.test(importingFile) ? "test" : "application";
}
