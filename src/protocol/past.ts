import type { LastFailure } from "./door.ts";
import type { Outcome, Way } from "./events.ts";
import type { NodeId } from "./ids.ts";

/** What one test came to in one run, and beside which tests. */
export interface Observation {
  readonly id: NodeId;
  /** Tells suites apart: one test under two interpreters is two tests. */
  readonly test: number;
  readonly run: number;
  readonly atMs: number;
  /** The same text stands for the same code: the same versions of all files that were loaded before the first test. */
  readonly code: string;
  readonly outcome: Outcome;
  readonly durationMs: number;
  /** Empty where one process ran all tests. */
  readonly worker: string;
  /** The test that the same process ran before it; null where it was the first. */
  readonly after: NodeId | null;
}

/** A run that is over. */
export interface PastRunFacts {
  readonly id: number;
  readonly atMs: number;
  readonly args: readonly string[];
  readonly way: Way;
  readonly exit: number | null;
  readonly durationMs: number;
  /** What the cold run of the same arguments took, as it was known then; null where it was not. */
  readonly coldMs: number | null;
  readonly counts: Readonly<Partial<Record<Outcome, number>>>;
}

/** A test and how long it usually takes. */
export interface UsualDuration {
  readonly id: NodeId;
  readonly usualMs: number;
}

/** What the daemon remembers of a project's runs. */
export interface Past {
  /** The newest first. */
  readonly runs: readonly PastRunFacts[];
  /** Of tests that have passed and failed on the same code, the newest first. */
  readonly unsteady: readonly Observation[];
  /** The longest first. */
  readonly slowest: readonly UsualDuration[];
  /** What fails now. */
  readonly failures: readonly LastFailure[];
}
