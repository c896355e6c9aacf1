const MOST_LINES = 40;
const FIRST_LINES = 8;
const LONGEST_LINE = 300;
// Colours of a terminal are of no use to a program.
const COLOR = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, "g");

/** pytest's report of a failure, cut to what says what went wrong: its beginning, and its end with the error. */
export function trimReport(text: string): string {
  const lines = text
    .replaceAll(COLOR, "")
    .trimEnd()
    .split("\n")
    .map((line) => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line));
  const error = lines.findIndex((line) => line.startsWith("E  "));
  // What a test has printed comes last, and can be long: the error is kept in any case.
  const end = Math.max(lines.length, 0);
  if (end <= MOST_LINES) return lines.join("\n");
  const errorEnd = error < 0 ? end : Math.min(end, error + MOST_LINES / 2);
  const first = Math.max(FIRST_LINES, errorEnd - (MOST_LINES - FIRST_LINES));
  return [
    ...lines.slice(0, FIRST_LINES),
    ...leftOut(first - FIRST_LINES),
    ...lines.slice(first, errorEnd),
    ...leftOut(end - errorEnd),
  ].join("\n");
}

function leftOut(count: number): readonly string[] {
  return count === 0 ? [] : [`… ${count} ${count === 1 ? "line" : "lines"} left out …`];
}
