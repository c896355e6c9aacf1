import type { TimelineSettings } from "../../protocol/timeline-settings.ts";

/** Whether a timeline with one of these settings is as good as one with the other. */
export function isSameSetting(a: TimelineSettings, b: TimelineSettings): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** What differs between the settings of two timelines, in words; undefined where nothing does. */
export function settingChange(
  before: TimelineSettings,
  now: TimelineSettings,
  nameOf: (path: string) => string,
): string | undefined {
  const known = new Map(before.named);
  for (const [path, digest] of now.named) {
    const then = known.get(path);
    if (then !== digest)
      return `${nameOf(path)} ${then === undefined ? "created" : "modified"}, which watch-globs names`;
    known.delete(path);
  }
  for (const path of known.keys()) return `${nameOf(path)} deleted, which watch-globs names`;
  if (!isSameList(before.checkpoints, now.checkpoints)) return "checkpoints are set otherwise";
  if (!isSameList(before.neverAhead, now.neverAhead)) return "never-ahead is set otherwise";
  if (!isSameList(before.workarounds, now.workarounds)) return "workarounds are set otherwise";
  return isSameList(before.envPrefixes, now.envPrefixes) ? undefined : "env-prefixes are set otherwise";
}

/** Whether two lists hold the same in the same order. */
export function isSameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
