/** What a project or a person has set for the timelines of a run: with other settings it takes another trunk. */
export interface TimelineSettings {
  /** Files before which each timeline is cut; absolute paths. */
  readonly checkpoints: readonly string[];
  /** Installed packages that stay in their natural place; names as in `import`. */
  readonly neverAhead: readonly string[];
  /** Beginnings of variables' names: another value of one of them takes another process. */
  readonly envPrefixes: readonly string[];
  /** What libraries need around a fork: `library=module:name` each, with nothing behind it for nothing at all. */
  readonly workarounds: readonly string[];
  /** Files that count as used by all tests, each with a digest of its content; absolute paths, sorted. */
  readonly named: readonly (readonly [path: string, digest: string])[];
}

/** Nobody has set anything. */
export const NO_SETTINGS: TimelineSettings = {
  checkpoints: [],
  neverAhead: [],
  envPrefixes: [],
  workarounds: [],
  named: [],
};
