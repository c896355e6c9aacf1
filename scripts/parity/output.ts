import { readFileSync } from "node:fs";
import type { SideResult } from "./run-side.ts";

/** The first line of standard output that the sides disagree on, or undefined where they agree but for times and the like. */
export function firstOutputDifference(cold: SideResult, warm: SideResult): string | undefined {
  const coldLines = steadyLines(cold.stdoutPath);
  const warmLines = steadyLines(warm.stdoutPath);
  const count = Math.max(coldLines.length, warmLines.length);
  for (let index = 0; index < count; index += 1) {
    const [coldLine = "(end)", warmLine = "(end)"] = [coldLines[index], warmLines[index]];
    if (coldLine !== warmLine)
      return `line ${index + 1}: cold ${JSON.stringify(coldLine)}, warm ${JSON.stringify(warmLine)}`;
  }
  return undefined;
}

/** What two runs of one runner differ in is replaced: durations with the padding beside them, addresses, numbered folders. */
function steadyLines(path: string): readonly string[] {
  return readFileSync(path, "utf8")
    .replace(/\b\d+(\.\d+)? ?(s|ms|seconds)\b( \(\d+:\d\d:\d\d\))?/g, "TIME")
    .replace(/\b0x[0-9a-f]+\b/g, "ADDRESS")
    .replace(/pytest-\d+\//g, "pytest-N/")
    .replace(/={2,}|-{2,}|_{2,}/g, "=")
    .split("\n");
}
