/** What tells which files a person is working on. Paths are absolute. */
export interface EditSigns {
  /** Files edited while the daemon lived, the latest last. */
  readonly edited: readonly string[];
  /** Files of the working tree that differ from the last commit. */
  readonly changed: ReadonlySet<string>;
  /** The files of each of the last commits, the newest commit first. */
  readonly commits: readonly (readonly string[])[];
}

/** How much each kind of sign counts, where there is one of it. What was edited a moment ago is mostly edited again. */
const SHARES = { edited: 0.6, changed: 0.2, commits: 0.1, path: 0.1 } as const;

/** How much less an edit counts than the one after it. */
const EDIT_DECAY = 0.7;

/** How much less a commit counts than the one after it. */
const COMMIT_DECAY = 0.95;

/** How likely each of these files is to be edited next: weights whose sum is 1, or none where there is no file. */
export function likelihoods(paths: readonly string[], signs: EditSigns): readonly number[] {
  const places = new Map(paths.map((path, position) => [path, position]));
  const weights = new Float64Array(paths.length);
  const spread = (share: number, marks: Iterable<readonly [path: string, mark: number]>): void => {
    const known: (readonly [position: number, mark: number])[] = [];
    let total = 0;
    for (const [path, mark] of marks) {
      const position = places.get(path);
      if (position === undefined) continue;
      known.push([position, mark]);
      total += mark;
    }
    for (const [position, mark] of known) weights[position] = (weights[position] ?? 0) + (share * mark) / total;
  };
  spread(SHARES.edited, editMarks(signs.edited));
  spread(
    SHARES.changed,
    [...signs.changed].map((path) => [path, 1]),
  );
  spread(SHARES.commits, commitMarks(signs.commits));
  spread(
    SHARES.path,
    paths.map((path) => [path, pathMark(path)]),
  );
  // A kind without a sign leaves its share to the others.
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Array.from(weights, (weight) => weight / total);
}

function editMarks(edited: readonly string[]): readonly (readonly [string, number])[] {
  return edited.toReversed().map((path, age) => [path, EDIT_DECAY ** age]);
}

// A commit that touches everything (a new license line, a formatter) says little of each file.
function commitMarks(commits: EditSigns["commits"]): readonly (readonly [string, number])[] {
  return commits.flatMap((files, age) => files.map((path) => [path, COMMIT_DECAY ** age / files.length] as const));
}

const GENERATED = /(?:_pb2(?:_grpc)?\.py$)|\/(?:migrations|alembic|_?vendor(?:ed)?|third_party|generated)\//;
const TEST_FILE = /\/(?:test_[^/]*|[^/]*_test)\.py$/;
const ROOT_FILE = /\/(?:conftest|settings|config|constants|base|core|types|compat|version|_version)\.py$/;

/** By its name alone: tests are written most, leaves more than roots, and what a program has written hardly ever. */
function pathMark(path: string): number {
  if (GENERATED.test(path)) return 0.05;
  if (path.endsWith("/__init__.py")) return 0.2;
  if (TEST_FILE.test(path)) return 2;
  return ROOT_FILE.test(path) ? 0.5 : 1;
}
