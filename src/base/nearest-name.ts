/** The name that a person most likely meant, or undefined where none is near. */
export function nearestName(typed: string, names: readonly string[]): string | undefined {
  const letters = typed.replace(/^-+/, "").length;
  if (letters < 2) return undefined;
  // Short names are near to everything: `--tb` is no misspelt `--ttl`.
  let best = letters < 5 ? 1 : 2;
  let nearest: string | undefined;
  for (const name of names) {
    const distance = editDistance(typed, name);
    if (distance > best || (distance === best && nearest !== undefined)) continue;
    best = distance;
    nearest = name;
  }
  return nearest ?? extensionOf(typed, names);
}

// `--foll` and `stat` are beginnings of one name only.
function extensionOf(typed: string, names: readonly string[]): string | undefined {
  if (typed.replace(/^-+/, "").length < 3) return undefined;
  const longer = names.filter((name) => name.startsWith(typed));
  return longer.length === 1 ? longer[0] : undefined;
}

/** How many letters must be added, removed, replaced or swapped with their neighbour. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
