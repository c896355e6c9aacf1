/** pytest's report of a failure, in its parts. */
export interface SplitReport {
  readonly traceback: string;
  /** What was captured, with pytest's own headings. */
  readonly output: string;
}

const CAPTURED = /^-+ Captured .* -+$/m;

/** Splits a report where the captured output begins. */
export function splitReport(text: string): SplitReport {
  const at = text.search(CAPTURED);
  if (at === -1) return { traceback: text, output: "" };
  return { traceback: text.slice(0, at).trimEnd(), output: text.slice(at) };
}

/** Whether a line is one side of a comparison: pytest's explanations of where a value is from begin like one. */
export function isDiffLine(line: string, sign: "-" | "+"): boolean {
  const text = line.trimStart();
  return text.startsWith(`${sign} `) && !/^\+ +(?:where|and) /.test(text);
}

/** The lines in which pytest compares two values, without its `E`; empty where it has compared none. */
export function diffOf(traceback: string): readonly string[] {
  const lines = traceback.split("\n").flatMap((line) => /^E {3,}(.*)$/.exec(line)?.[1] ?? []);
  const isSide = (line: string) => isDiffLine(line, "-") || isDiffLine(line, "+");
  const from = lines.findIndex(isSide);
  if (from === -1) return [];
  const last = lines.findLastIndex((line) => isSide(line) || /^\s*\? /.test(line));
  return lines.slice(Math.max(0, from - 3), last + 4);
}
