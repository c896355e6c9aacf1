import type { Segment } from "../../graph/segment.ts";
import { statSignature } from "../../watch/fingerprint.ts";

/** All that the tests of a run start from: which version of which file a timeline has loaded, and what it has looked for. */
export interface World {
  /** Python files, with the version that was loaded. */
  readonly sources: ReadonlyMap<string, string>;
  /** Everything else that was used: version, digest or presence. */
  readonly others: ReadonlyMap<string, string>;
  readonly modules: readonly (readonly [name: string, path: string])[];
  readonly entries: ReadonlySet<string>;
  /** What changed while it was used: which version was loaded is not known. */
  readonly changed: ReadonlySet<string>;
}

/**
 * Reads the segments of one timeline; `surroundings` are versions of what all tests may depend on, by name, and `late` source
 * files that only tests have loaded.
 */
export function worldOf(
  line: readonly Segment[],
  surroundings: ReadonlyMap<string, string>,
  late: Iterable<string>,
): World {
  const sources = new Map<string, string>();
  const others = new Map(surroundings);
  const modules: (readonly [string, string])[] = [];
  const entries = new Set<string>();
  const changed = new Set<string>();
  for (const segment of line) {
    for (const { path, mtimeNs, size, ino, ctimeNs } of segment.files) {
      const isSource = path.endsWith(".py") && size !== -1;
      const version = size === -1 ? NOTHING : `${mtimeNs} ${size} ${ino} ${ctimeNs}`;
      if (isSource || !others.has(path)) (isSource ? sources : others).set(path, version);
    }
    for (const [path, content] of segment.databases) if (!others.has(path)) others.set(path, content);
    for (const { path, digest } of segment.listings) others.set(`the names in ${path}`, digest);
    for (const [path, presence] of segment.presences) others.set(`the presence of ${path}`, presence);
    modules.push(...segment.moduleNames);
    for (const each of segment.entries) entries.add(each);
    for (const each of segment.changed) changed.add(each);
  }
  for (const path of late) {
    const version = versionNow(path);
    if (!sources.has(path) && version !== NOTHING) sources.set(path, version);
  }
  return { sources, others, modules, entries, changed };
}

const NOTHING = "nothing";

/** The version of a file as the Python side says it. */
export function versionNow(path: string): string {
  const now = statSignature(path);
  return now === undefined ? NOTHING : `${now.mtimeNs} ${now.size} ${now.ino} ${now.ctimeNs}`;
}

/** What differs beside source files, in words; null where nothing does. */
export function otherDifference(before: World, now: World): string | null {
  for (const path of [...before.changed, ...now.changed]) return `${path} changed while it was used`;
  for (const [path, version] of now.others) {
    const known = before.others.get(path);
    if (known !== version) return known === undefined ? `${path} is used for the first time` : `${path} has changed`;
  }
  for (const path of before.others.keys()) if (!now.others.has(path)) return `${path} is not used any more`;
  return null;
}

/** Source files whose version differs, or that only one of the two has. */
export function differingSources(before: World, now: World): readonly string[] {
  const paths = [...now.sources]
    .filter(([path, version]) => before.sources.get(path) !== version)
    .map(([path]) => path);
  for (const path of before.sources.keys()) if (!now.sources.has(path)) paths.push(path);
  return paths;
}
