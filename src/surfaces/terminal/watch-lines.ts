import type { Problem } from "../../protocol/errors.ts";
import type { RunEvent, RunRecord } from "../../protocol/events.ts";
import { describeEdit } from "../../report/edit-words.ts";
import { readFailure } from "../../report/format-failure.ts";
import { formatClock } from "../../report/format-time.ts";
import type { Verdict } from "../../report/verdict.ts";
import { formatVerdictClock } from "../../report/verdict-clock.ts";
import { printProblem, printWarning } from "./print-problem.ts";
import { printable, type Terminal } from "./terminal.ts";
import { WatchLog } from "./watch-log.ts";
import { editEntry, supersededEntry, verdictEntry } from "./watch-screen/entries.ts";
import { type Line, paintLine } from "./watch-screen/spans.ts";
import type { WatchSurface } from "./watch-surface.ts";

/** Where the lines of a watch without keys go. */
export interface LinePlaces {
  /** For edits, failures and verdicts. */
  readonly lines: Terminal;
  /** For errors and warnings. */
  readonly problems: Terminal;
  readonly columns: () => number;
  /** Takes pytest's own output; undefined where it is left out. Returns false where nobody reads any more. */
  readonly output: ((stream: "stdout" | "stderr", bytes: Uint8Array) => boolean) | undefined;
  /** Whether failures are told here: not where pytest prints them itself. */
  readonly hasFailures: boolean;
  readonly isQuiet: boolean;
}

/** A watch as lines: one fact each in a pipe, and the screen's own lines beside pytest's output on a terminal. */
export class WatchLines implements WatchSurface {
  readonly #places: LinePlaces;
  readonly #log = new WatchLog(Date.now());
  #way = "";

  constructor(places: LinePlaces) {
    this.#places = places;
  }

  get isRunning(): boolean {
    return this.#log.isRunning;
  }

  get exit(): number {
    return this.#log.exit;
  }

  take(event: RunEvent): void {
    const nowMs = Date.now();
    this.#log.take(event, nowMs);
    if (event.type === "run-started") this.#way = event.way;
    if (event.type === "warning") printWarning(event, this.#places.problems);
    if (event.type === "edit") this.#edit(event, nowMs);
    if (event.type === "collect-failed" || (event.type === "test-finished" && event.text !== undefined)) {
      this.#fail(event.id, event.text ?? "");
    }
  }

  progress(): void {}

  output(stream: "stdout" | "stderr", bytes: Uint8Array): boolean {
    return this.#places.output?.(stream, bytes) ?? true;
  }

  end(record: RunRecord, problem: Problem | null): void {
    const verdict = this.#log.end(record, Date.now());
    if (problem !== null) printProblem(problem, this.#places.problems);
    if (this.#places.isQuiet) return;
    const { lines, columns } = this.#places;
    const { run } = this.#log.look(Date.now());
    if (verdict === undefined) {
      const by = "a newer save";
      if (lines.isScreen) this.#write(supersededEntry(by, run?.finished ?? 0, run?.selected ?? 0));
      else lines.write(`prewarm: cancelled superseded by ${by}\n`);
    } else if (lines.isScreen) {
      this.#write(verdictEntry(verdict, formatVerdictClock(this.#log.start, Date.now()), columns()));
    } else {
      lines.write(`prewarm: ${plainVerdict(verdict)}, ${this.#plainClock()}\n`);
    }
  }

  close(): void {}

  #edit({ files }: Extract<RunEvent, { type: "edit" }>, nowMs: number): void {
    const { lines, columns, isQuiet } = this.#places;
    if (isQuiet) return;
    const clock = formatClock(new Date(nowMs));
    if (lines.isScreen) this.#write(editEntry(files, this.#log.goodAt, clock, columns()));
    else {
      const { path, what } = describeEdit(files, this.#log.goodAt);
      lines.write(`prewarm: edit ${clock} ${printable(path)}${what === "" ? "" : `: ${what}`}\n`);
    }
  }

  #fail(id: string, text: string): void {
    const { lines, hasFailures, isQuiet } = this.#places;
    if (!hasFailures || isQuiet || this.#way === "plain") return;
    const { message } = readFailure(id, text);
    lines.write(`${text.replace(/\n$/, "")}\nprewarm: fail ${printable(id)}${message && ` - ${printable(message)}`}\n`);
  }

  #plainClock(): string {
    const { kind, atMs } = this.#log.start;
    return `${kind === "event" ? "event + " : ""}${Math.max(0, Math.round(Date.now() - atMs))} ms`;
  }

  #write(entry: readonly Line[]): void {
    const { lines } = this.#places;
    const paint = { hasColor: lines.hasColor, hasUnicode: true };
    lines.write(entry.map((line) => `${paintLine(line, paint)}\n`).join(""));
  }
}

/** `fail 1 failed, 213 passed of 214 affected, 386 unaffected not run, re-imported 212`. */
function plainVerdict({ kind, parts, served }: Verdict): string {
  const facts = [...parts.map((part) => part.replaceAll(", not run", " not run").replaceAll(" · ", ", ")), served];
  return `${kind} ${facts.filter((fact) => fact !== "").join(", ")}`;
}
