import type { KnownTest } from "./affected.ts";

const FAILED = new Set(["failed", "error"]);

/**
 * The places of the tests that run, in their order: files with a test that failed last come first, then files of which
 * more tests execute or import what has changed directly. Within a file the order stays, because fixtures are shared there.
 */
export function orderTests(
  collected: readonly string[],
  reasons: ReadonlyMap<string, string>,
  tests: ReadonlyMap<string, KnownTest>,
  isNew: (id: string) => boolean,
): readonly number[] {
  const places = collected.flatMap((id, place) => (isNew(id) || reasons.has(id) ? [place] : []));
  const rankOfFile = new Map<string, number>();
  for (const place of places) {
    const id = collected[place] ?? "";
    const file = id.split("::", 1)[0] ?? id;
    rankOfFile.set(file, Math.min(rankOfFile.get(file) ?? Number.POSITIVE_INFINITY, rankOf(id)));
  }
  const fileRank = (place: number) => rankOfFile.get(collected[place]?.split("::", 1)[0] ?? "") ?? 0;
  return places.toSorted((a, b) => fileRank(a) - fileRank(b) || a - b);

  function rankOf(id: string): number {
    if (FAILED.has(tests.get(id)?.outcome ?? "")) return 0;
    const reason = reasons.get(id) ?? "";
    if (isNew(id) || reason.startsWith("its file")) return 1;
    return reason.startsWith("executes") ? 2 : 3;
  }
}
