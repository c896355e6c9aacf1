import type { Facts } from "../protocol/node-messages.ts";

/** So many are told one by one. */
const MOST_TOLD = 8;

/** How the interpreter of a node differs from the one at home, in words; empty where it does not. */
export function differencesOf(home: Facts, node: Facts): readonly string[] {
  const lines: string[] = [];
  if (home.python !== node.python) lines.push(`Python: ${home.python} here, ${node.python} there`);
  if (home.platform !== node.platform) lines.push(`platform: ${home.platform} here, ${node.platform} there`);
  const names = [...new Set([...Object.keys(home.packages), ...Object.keys(node.packages)])].toSorted();
  const packages = names.flatMap((name) => {
    const [here, there] = [home.packages[name], node.packages[name]];
    return here === there ? [] : [`${name}: ${here ?? "not"} here, ${there ?? "not"} there`];
  });
  // What runs the tests is told before all others.
  const ordered = packages.toSorted((a, b) => Number(b.startsWith("pytest:")) - Number(a.startsWith("pytest:")));
  return [...lines, ...ordered];
}

/** The same as part of a sentence. */
export function tellDifferences(lines: readonly string[]): string {
  const more = lines.length - MOST_TOLD;
  return lines.slice(0, MOST_TOLD).join("; ") + (more > 0 ? `; and ${more} more` : "");
}

/** Where two lists of node ids differ first; undefined where they hold the same, in any order. */
export function idsThatDiffer(
  home: readonly string[],
  node: readonly string[],
): { readonly onlyHome: string | undefined; readonly onlyNode: string | undefined } | undefined {
  const onlyHome = firstOnlyIn(home, node);
  const onlyNode = firstOnlyIn(node, home);
  return onlyHome === undefined && onlyNode === undefined ? undefined : { onlyHome, onlyNode };
}

function firstOnlyIn(ids: readonly string[], others: readonly string[]): string | undefined {
  const left = counted(others);
  return ids.find((id) => {
    const count = left.get(id) ?? 0;
    left.set(id, count - 1);
    return count <= 0;
  });
}

function counted(ids: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}

/** For each test of home, its place in the list of a node; undefined where one is missing there. An id that comes twice is taken in order. */
export function placesOf(home: readonly string[], node: readonly string[]): readonly number[] | undefined {
  const places = new Map<string, number[]>();
  for (const [place, id] of node.entries()) {
    const known = places.get(id);
    if (known === undefined) places.set(id, [place]);
    else known.push(place);
  }
  for (const each of places.values()) each.reverse();
  const found: number[] = [];
  for (const id of home) {
    const place = places.get(id)?.pop();
    if (place === undefined) return undefined;
    found.push(place);
  }
  return found;
}
