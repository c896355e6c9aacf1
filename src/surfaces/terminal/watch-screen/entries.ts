import type { FileEdit, RunEvent } from "../../../protocol/events.ts";
import { describeEdit, type EditWords } from "../../../report/edit-words.ts";
import type { FailureLine } from "../../../report/failure-list.ts";
import { formatNumber } from "../../../report/format-count.ts";
import type { RunView } from "../../../report/run-view.ts";
import { shortenPath, textWidth } from "../../../report/text-width.ts";
import type { Verdict, VerdictKind } from "../../../report/verdict.ts";
import type { TextStyle } from "../terminal.ts";
import { clipLine, fits, type Line, lineWidth, span, spread, WIDEST } from "./spans.ts";

const MARKS: Readonly<Record<VerdictKind, readonly [mark: string, style: TextStyle | undefined]>> = {
  pass: ["✓", "green"],
  fail: ["✗", "boldRed"],
  none: ["○", undefined],
  cancelled: ["?", "yellow"],
};

const CLOCK_COLUMNS = 9;
const FOLD_COLUMNS = 72;
const AGE_COLUMNS = 17;
const INDENT = "   ";

/** What is watched, with the time of the start at the right edge. */
export function headEntry(facts: readonly string[], clock: string, columns: number): readonly Line[] {
  return [spread([span(facts.join(" · "), "dim")], [span(clock, "dim")], columns)];
}

/** What was saved, with the time at the right edge. */
export function editEntry(files: readonly FileEdit[], goodAt: string, clock: string, columns: number): readonly Line[] {
  return [spread(editWords(describeEdit(files, goodAt), columns - textWidth(clock) - 2), [span(clock)], columns)];
}

function editWords({ path, what }: EditWords, room: number): Line {
  const gap = room < FOLD_COLUMNS - 10 ? "  " : INDENT;
  const width = Math.min(room, WIDEST) - 1 - (what === "" ? 0 : textWidth(what) + gap.length);
  return [span(` ${shortenPath(path, Math.max(12, width))}`, "bold"), span(what === "" ? "" : `${gap}${what}`)];
}

/** A run's verdict: mark, words, how it was served, and the clock at the right edge. Folds where it does not fit. */
export function verdictEntry({ kind, parts, served }: Verdict, clock: string, columns: number): readonly Line[] {
  const [mark, style] = MARKS[kind];
  const [first = "", ...others] = parts;
  const head = [span(` ${mark}`, style), span(` ${first}`, kind === "fail" ? "boldRed" : style)];
  const left: Line = others.length === 0 ? head : [...head, span(` · ${others.join(" · ")}`)];
  const right: Line = [span(served, "dim"), span(clock.padStart(Math.max(CLOCK_COLUMNS, clock.length + 3)), "bold")];
  if (fits(left, right, columns)) return [spread(left, right, columns)];
  const below = others.map((part): Line => [span(`${INDENT}${part}`)]);
  if (fits(head, right, columns)) return [spread(head, right, columns), ...below.map(cut)];
  // Not even what made the mark fits beside the clock: it goes on where one of its facts ends.
  const room = Math.min(columns, WIDEST) - lineWidth([span(` ${mark} `)]) - clock.length - 2;
  const [begin, rest] = breakAtComma(first, room);
  const top = [span(` ${mark}`, style), span(` ${begin}`, kind === "fail" ? "boldRed" : style)];
  const lines: Line[] = [spread(top, [span(clock, "bold")], columns)];
  if (rest !== "") lines.push([span(`${INDENT}${rest}`)]);
  lines.push(...below);
  if (served !== "") lines.push([span(`${INDENT}${served}`, "dim")]);
  return lines.map(cut);

  function cut(line: Line): Line {
    return clipLine(line, Math.min(columns, WIDEST));
  }
}

function breakAtComma(text: string, room: number): readonly [begin: string, rest: string] {
  if (textWidth(text) <= room) return [text, ""];
  const facts = text.split(", ");
  let taken = 1;
  while (taken < facts.length && textWidth(facts.slice(0, taken + 1).join(", ")) < room) taken += 1;
  const rest = facts.slice(taken).join(", ");
  return [`${facts.slice(0, taken).join(", ")}${rest === "" ? "" : ","}`, rest];
}

/** The failing tests below a verdict, and how many there are beside them. */
export function failureEntry(
  lines: readonly FailureLine[],
  more: number,
  columns: number,
  linkOf: (place: string) => string | undefined,
): readonly Line[] {
  const placeColumns = Math.max(0, ...lines.map(({ place }) => textWidth(place)));
  const isNarrow = columns < FOLD_COLUMNS;
  const entries = lines.flatMap(({ age, place, name, message }): readonly Line[] => {
    const label = `✗ ${age}`;
    if (isNarrow) {
      const room = columns - INDENT.length - label.length - 2;
      const head = [
        span(`${INDENT}${label}`, "boldRed"),
        span("  "),
        { ...span(shortenPath(place, room)), link: linkOf(place) },
      ];
      return [head, [span(`${INDENT}  ${name}${message === "" ? "" : `   ${message}`}`)]];
    }
    return [
      [
        span(`${INDENT}${label.padEnd(AGE_COLUMNS)}`, "boldRed"),
        span("  "),
        { ...span(place), link: linkOf(place) },
        span(`${" ".repeat(Math.max(0, placeColumns - textWidth(place)))}  ${name}`),
        span(message === "" ? "" : `   ${message}`),
      ],
    ];
  });
  if (more > 0) entries.push([span(`${INDENT}… and ${formatNumber(more)} more · f runs them`, "dim")]);
  return entries.map((line) => clipLine(line, Math.min(columns, WIDEST)));
}

/** The heading and the text of one failure, as pytest reports it. Its text is complete: it is never cut. */
export function failureText(id: string, text: string, columns: number): readonly Line[] {
  const lines = text.replace(/\n$/, "").split("\n");
  const head = clipLine([span(` ✗ ${id}`, "boldRed")], Math.min(columns, WIDEST));
  return [head, ...lines.map((line): Line => [{ ...span(line), text: span(line).text, style: styleOf(line) }])];
}

// The same lines stand out as in pytest's own report.
function styleOf(line: string): TextStyle | undefined {
  if (/^E(?: |$)/.test(line)) return "red";
  return /^>/.test(line) ? "bold" : undefined;
}

/** That a run has no verdict, because something newer took its place. */
export function supersededEntry(by: string, finished: number, selected: number): readonly Line[] {
  const how = selected === 0 ? "" : ` after ${formatNumber(finished)} of ${formatNumber(selected)}`;
  return [[span(`${INDENT}superseded by ${by}${how}`, "dim")]];
}

/** That a test has stopped in a debugger, which has the keyboard from here on. */
export function debuggerEntry(
  { place, id, worker, waiting = 0 }: Extract<RunEvent, { type: "debugger" }>,
  columns: number,
): readonly Line[] {
  const test = id?.split("::").slice(1).join("::");
  const stands = [place, test].filter(Boolean).join(" ");
  const front = worker === undefined ? [] : [`worker ${worker} in front`];
  const behind = waiting === 0 ? [] : [`${waiting} more ${waiting === 1 ? "waits" : "wait"}`];
  const where = [stands, [...front, ...behind].join(", ")].filter((part) => part !== "").join(" · ");
  return [spread([span(" ■ breakpoint", "bold"), span(`${INDENT}${where}`)], [span("keys go to pdb", "dim")], columns)];
}

/** Lines of text that is not ours, as it came. */
export function foreignText(text: string): readonly Line[] {
  return text
    .replace(/\n$/, "")
    .split("\n")
    .map((line): Line => [span(line)]);
}

/** An error or a warning: its code, one sentence, and what to do next. */
export function problemEntry(head: string, style: TextStyle, sentence: string, next: string): readonly Line[] {
  const line: Line = [span(head, style), span(` ${sentence}`)];
  return next === "" ? [line] : [line, [span(`${INDENT}next: `), span(next, "bold")]];
}

const MOST_REASONS = 5;

/** The last edit, how its run was served, and why these tests ran: the planner's own words. */
export function whyEntry({ edit, run }: RunView, columns: number): readonly Line[] {
  if (run === undefined) return [fact("", "no run yet")];
  const files = edit?.files.map(({ path, what }) => (what === undefined ? path : `${path}: ${what}`)) ?? [];
  const changes = run.changes.length > 0 ? run.changes : files;
  const reasons = Object.entries(run.reasons).map(([id, reason]) => `${id}: ${reason}`);
  const more = reasons.length - MOST_REASONS;
  const lines = [
    ...changes.slice(0, MOST_REASONS).map((change) => fact("edit", change)),
    fact("served", run.reason === "" ? run.way : `${run.way}: ${run.reason}`),
    ...reasons.slice(0, MOST_REASONS).map((reason) => fact("ran", reason)),
    ...(more > 0 ? [fact("", `… and ${formatNumber(more)} more`)] : []),
  ];
  return lines.map((line) => clipLine(line, Math.min(columns, WIDEST)));
}

function fact(name: string, text: string): Line {
  return [span(`${INDENT}${name.padEnd(8)}${text}`, "dim")];
}
