import type { Choice } from "../../../protocol/api.ts";
import type { Problem } from "../../../protocol/errors.ts";
import type { RunEvent, RunRecord } from "../../../protocol/events.ts";
import { listFailures } from "../../../report/failure-list.ts";
import { fileOf } from "../../../report/format-failure.ts";
import { formatClock } from "../../../report/format-time.ts";
import { takeCensus } from "../../../report/verdict.ts";
import { formatVerdictClock } from "../../../report/verdict-clock.ts";
import { WatchLog } from "../watch-log.ts";
import type { WatchSurface } from "../watch-surface.ts";
import {
  debuggerEntry,
  editEntry,
  failureEntry,
  failureText,
  foreignText,
  headEntry,
  problemEntry,
  supersededEntry,
  verdictEntry,
  whyEntry,
} from "./entries.ts";
import { FilterPrompt } from "./filter-prompt.ts";
import { helpLines } from "./help-lines.ts";
import type { Key } from "./keyboard.ts";
import { type BlockScreen, LiveBlock } from "./live-block.ts";
import { idleLines, runningLines } from "./live-lines.ts";
import { type Line, span } from "./spans.ts";

/** What the keys of a screen do elsewhere. */
export interface WatchActions {
  readonly again: (choice: Choice) => void;
  readonly cancel: () => void;
  readonly quit: () => void;
  /** Opens the page, and resolves with where it is, or why it is not. */
  readonly openPage: () => Promise<string>;
  /** Stops this process until its shell lets it go on. */
  readonly suspend: () => void;
  /** Leaves keyboard and terminal to a debugger, and takes them back. */
  readonly lend: () => void;
  readonly takeBack: () => void;
  /** The verdict has become another kind than the last one. */
  readonly verdictChanged: (kind: "pass" | "fail" | "none" | "cancelled") => void;
}

/** A shorter run draws no bar. */
const BAR_AFTER_MS = 150;
const CLOCK_EVERY_MS = 100;
const NOTE_MS = 2_000;
const MOST_FAILURES = 10;
const SAVE = "a newer save";

type Mode = { readonly kind: "keys" | "help" } | { readonly kind: "prompt"; readonly prompt: FilterPrompt };

/** The watch on a terminal: entries that are written once, and below them a live block that takes keys. */
export class WatchScreen implements WatchSurface {
  readonly #screen: BlockScreen;
  readonly #actions: WatchActions;
  readonly #block: LiveBlock;
  readonly #log = new WatchLog(Date.now());
  readonly #decoder = new TextDecoder();
  readonly #shownErrors = new Set<string>();
  #mode: Mode = { kind: "keys" };
  #doing = "";
  #note = "";
  #way = "";
  #newer = SAVE;
  #isCancelled = false;
  #isAside = false;
  #ticker: NodeJS.Timeout | undefined;
  #noteTimer: NodeJS.Timeout | undefined;

  constructor(screen: BlockScreen, head: readonly string[], actions: WatchActions) {
    this.#screen = screen;
    this.#actions = actions;
    this.#block = new LiveBlock(screen, () => this.#lines());
    this.#block.add(headEntry(head, formatClock(new Date()), screen.columns()));
    this.#tick();
  }

  get isRunning(): boolean {
    return this.#log.isRunning;
  }

  /** Whether a debugger has the terminal. */
  get isAside(): boolean {
    return this.#isAside;
  }

  get exit(): number {
    return this.#log.exit;
  }

  take(event: RunEvent): void {
    const nowMs = Date.now();
    this.#log.take(event, nowMs);
    const columns = this.#screen.columns();
    switch (event.type) {
      case "edit":
        this.#begin();
        this.#block.add(editEntry(event.files, this.#log.goodAt, formatClock(new Date(nowMs)), columns));
        break;
      case "run-started":
        this.#way = event.way;
        this.#tick();
        break;
      case "collect-failed":
        this.#showError(event.id, event.text);
        break;
      case "test-finished":
        // Plain pytest tells its failures itself.
        if (event.text !== undefined && this.#way !== "plain") {
          this.#block.add(failureText(event.id, event.text, columns));
        }
        break;
      case "warning":
        this.#block.add(problemEntry(`warning[${event.code}]`, "yellow", event.text, event.next));
        break;
      case "watching":
        this.#block.redrawSoon();
        break;
      case "debugger":
        if (event.place === null) this.#comeBack();
        else this.#stepAside(event);
        break;
      case "plan":
      case "collected":
      case "test-started":
      case "measured":
      case "executed":
      case "repeated":
      case "workers":
      case "run-finished":
        break;
      default:
        event satisfies never;
    }
  }

  progress(text: string): void {
    // Between runs nothing is being done: it is a word about what has just happened.
    if (!this.#log.isRunning && text !== "") {
      this.#say(text);
      this.#block.redraw();
      return;
    }
    this.#doing = text;
  }

  output(_stream: "stdout" | "stderr", bytes: Uint8Array): boolean {
    const text = this.#decoder.decode(bytes, { stream: true });
    if (text !== "" && !this.#isCancelled) this.#block.add(foreignText(text));
    return true;
  }

  end(record: RunRecord, problem: Problem | null): void {
    this.#comeBack();
    const columns = this.#screen.columns();
    const before = this.#log.verdict;
    const verdict = this.#log.end(record, Date.now());
    if (problem !== null && problem.code !== "interrupted") {
      this.#block.add(problemEntry(`error[${problem.code}]`, "red", problem.sentence, problem.next));
    }
    const view = this.#log.look(Date.now());
    if (verdict === undefined) {
      const { run } = view;
      const wasTold = run?.record !== undefined;
      this.#block.add(supersededEntry(this.#newer, wasTold ? run.finished : 0, wasTold ? run.selected : 0));
      this.#newer = SAVE;
      this.#block.redraw();
      return;
    }
    clearInterval(this.#ticker);
    this.#doing = "";
    this.#isCancelled = false;
    const { lines, more } = listFailures(view, MOST_FAILURES);
    const clock = formatVerdictClock(this.#log.start, Date.now());
    this.#block.add([
      ...verdictEntry(verdict, clock, columns),
      ...failureEntry(lines, more, columns, this.#screen.linkOf),
    ]);
    this.#block.redraw();
    if (before !== undefined && before.kind !== verdict.kind) this.#actions.verdictChanged(verdict.kind);
  }

  /** Takes a key. */
  press(key: Key): void {
    if (key.kind === "suspend") {
      this.#block.erase();
      this.#actions.suspend();
    } else if (this.#mode.kind === "prompt") this.#type(this.#mode.prompt, key);
    else this.#act(key);
    this.#block.redraw();
  }

  /** Draws the live block anew: the size of the screen has changed, or somebody else wrote to it. */
  redraw(): void {
    this.#block.redraw();
  }

  close(): void {
    clearInterval(this.#ticker);
    clearTimeout(this.#noteTimer);
    this.#block.close();
  }

  #act(key: Key): void {
    const { choice } = this.#log;
    const filter = { path: choice.path, name: choice.name };
    switch (key.kind === "letter" ? key.letter : key.kind) {
      case "a":
        this.#again({ ids: null, ...filter });
        break;
      case "f":
        this.#againWith((id) => this.#view().tests.get(id)?.failing !== undefined, "nothing fails");
        break;
      case "u": {
        const { tests, run } = this.#view();
        const wasNotRun = (id: string): boolean => {
          const test = tests.get(id as never);
          return test?.isOutdated === true || test?.run !== run?.number;
        };
        this.#againWith(wasNotRun, "everything ran");
        break;
      }
      case "enter":
        this.#again(choice);
        break;
      case "p":
        this.#mode = { kind: "prompt", prompt: new FilterPrompt("path", choice.path) };
        break;
      case "t":
        this.#mode = { kind: "prompt", prompt: new FilterPrompt("name", choice.name) };
        break;
      case "w":
        this.#block.add(whyEntry(this.#view(), this.#screen.columns()));
        break;
      case "o":
        void this.#actions.openPage().then((text) => {
          this.#block.add([[span(`   ${text}`)]]);
          this.#block.redraw();
        });
        break;
      case "h":
      case "?":
        this.#mode = { kind: this.#mode.kind === "help" ? "keys" : "help" };
        break;
      case "q":
      case "end":
        this.#actions.quit();
        break;
      case "interrupt":
        if (this.#log.isRunning) this.#cancel();
        else this.#actions.quit();
        break;
      case "c":
      case "escape":
        if (this.#mode.kind === "help") this.#mode = { kind: "keys" };
        else if (this.#log.isRunning) this.#cancel();
        break;
      default:
        break;
    }
  }

  #type(prompt: FilterPrompt, key: Key): void {
    const answer = prompt.press(key);
    if (answer === "open") return;
    this.#mode = { kind: "keys" };
    const { path, name } = this.#log.choice;
    const filter = { path, name, [prompt.kind]: prompt.text };
    const isSame = filter.path === path && filter.name === name;
    if (answer === "set" && !(isSame && prompt.text === "")) this.#again({ ids: null, ...filter });
  }

  #againWith(isWanted: (id: never) => boolean, otherwise: string): void {
    const { path, name } = this.#log.choice;
    // A filter by path holds here too; one by name is pytest's to judge.
    const hasPath = (id: string): boolean => fileOf(id).toLowerCase().includes(path.toLowerCase());
    const ids = [...this.#view().tests.keys()].filter((id) => isWanted(id as never) && hasPath(id));
    if (ids.length > 0) this.#again({ ids, path, name });
    else this.#say(otherwise);
  }

  #again(choice: Choice): void {
    this.#newer = this.#log.isRunning ? "a newer choice" : SAVE;
    this.#log.choose(choice, Date.now());
    this.#begin();
    this.#actions.again(choice);
  }

  #cancel(): void {
    // A second time the person means it: the daemon ends the run with this command.
    if (this.#isCancelled) this.#actions.quit();
    this.#isCancelled = true;
    this.#actions.cancel();
  }

  #begin(): void {
    this.#shownErrors.clear();
    this.#isCancelled = false;
    this.#doing = "";
    this.#mode = this.#mode.kind === "help" ? { kind: "keys" } : this.#mode;
    this.#tick();
  }

  #stepAside(event: Extract<RunEvent, { type: "debugger" }>): void {
    this.#isAside = true;
    this.#block.add(debuggerEntry(event, this.#screen.columns()));
    this.#block.stepAside();
    this.#actions.lend();
  }

  // Also at the end of a run, which a debugger can end.
  #comeBack(): void {
    if (!this.#isAside) return;
    this.#isAside = false;
    this.#actions.takeBack();
    this.#block.comeBack();
  }

  #tick(): void {
    clearInterval(this.#ticker);
    this.#ticker = setInterval(() => this.#block.redrawSoon(), CLOCK_EVERY_MS);
  }

  // One mistake in a module stops many files, each with the same words.
  #showError(id: string, text: string): void {
    const error = text.split("\n").findLast((line) => line.startsWith("E "));
    if (error !== undefined && this.#shownErrors.has(error)) return;
    if (error !== undefined) this.#shownErrors.add(error);
    if (this.#way !== "plain") this.#block.add(failureText(id, text, this.#screen.columns()));
  }

  #say(note: string): void {
    this.#note = note;
    clearTimeout(this.#noteTimer);
    this.#noteTimer = setTimeout(() => {
      this.#note = "";
      this.#block.redrawSoon();
    }, NOTE_MS);
  }

  #view() {
    return this.#log.look(Date.now());
  }

  #lines(): readonly Line[] {
    const columns = this.#screen.columns();
    const view = this.#view();
    if (this.#mode.kind === "prompt") return this.#mode.prompt.lines(view, columns);
    if (this.#mode.kind === "help") return helpLines(columns);
    const nowMs = Date.now();
    const elapsedMs = nowMs - this.#log.start.atMs;
    if (this.#log.isRunning && elapsedMs >= BAR_AFTER_MS) {
      return runningLines(view, this.#doing, elapsedMs, nowMs, columns);
    }
    const outdated = this.#log.isRunning ? 0 : takeCensus(view).outdated;
    return idleLines(view, this.#log.choice, outdated, this.#note, columns);
  }
}
