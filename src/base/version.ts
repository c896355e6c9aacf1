/** This prewarm's version; the same as in package.json, which a test compares. */
export const VERSION = "0.1.0";

/** Below zero where `a` is the older version, above zero where it is the newer one, zero where they are the same. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  for (let index = 0; index < 3; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  // A pre-release comes before its release.
  return Number(b.includes("-")) - Number(a.includes("-"));
}

function numbers(version: string): readonly number[] {
  return (version.split("-")[0] ?? "").split(".").map((part) => Number.parseInt(part, 10) || 0);
}
