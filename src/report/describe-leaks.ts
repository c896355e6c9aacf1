import type { Leak, RunEvent } from "../protocol/events.ts";

/** So many lines; the rest is a number. */
const MOST_LINES = 10;

const WORDS: Readonly<Record<Leak["kind"], string>> = {
  process: "process",
  thread: "thread",
  socket: "socket",
  file: "file",
  temporary: "temporary",
  variable: "variable",
  folder: "cwd",
  "sys.path": "sys.path",
};

/** Tells what a run has left behind: a line each, those alike in one. `more` are beyond what is listed. */
export function leakWarning(leaks: readonly Leak[], more: number): RunEvent {
  const count = leaks.length + more;
  const counts = new Map<string, number>();
  for (const leak of leaks) counts.set(lineOf(leak), (counts.get(lineOf(leak)) ?? 0) + 1);
  const lines = [...counts].map(([line, times]) => (times === 1 ? line : `${line}  (${times} times)`));
  const shown = lines.slice(0, MOST_LINES);
  if (lines.length > shown.length || more > 0) shown.push(`  and ${lines.length - shown.length + more} more`);
  const isOne = count === 1;
  const head = `${count} thing${isOne ? " was" : "s were"} begun by this run and not ended; processes are ended now:`;
  return {
    type: "warning",
    code: "left-behind",
    text: [head, ...shown].join("\n"),
    next: "end them where they begin, or --leaks off",
    leaks,
  };
}

function lineOf({ kind, what, owner, line }: Leak): string {
  return `  ${WORDS[kind]} ${what} · ${owner}${line === "" ? "" : ` · ${line}`}`.replace(
    " ·",
    what === "" ? "·" : " ·",
  );
}
