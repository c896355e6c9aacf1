import type { Door, DoorEnd, LastFailure, RunWish } from "../../protocol/door.ts";
import type { Outcome, RunRecord } from "../../protocol/events.ts";
import { readFailure } from "../../report/format-failure.ts";
import { formatTime } from "../../report/format-time.ts";
import { describeStatus } from "../../report/status-text.ts";
import { trimReport } from "../../report/trim-report.ts";

/** More reports or ids than this are counted, not printed. */
const MOST_REPORTS = 10;
const MOST_IDS = 500;
const MOST_OUTPUT = 20_000;
const USAGE_ERROR = 4;
/** Exit codes after which everything that was selected has run. */
const COMPLETE: readonly (number | null)[] = [0, 1, 5];

/** What `run_tests` takes. */
export interface RunParams {
  readonly selection: "all" | "affected" | "failed";
  readonly ids?: readonly string[] | undefined;
  readonly path?: string | undefined;
  readonly name?: string | undefined;
}

/** An answer as an agent reads it; an error is one of the tool's, never a failed test. */
export interface ToolText {
  readonly text: string;
  readonly isError: boolean;
}

interface Failed {
  readonly id: string;
  readonly outcome: string;
  readonly text: string;
}

/** The tools, in text. Every run notes what tests depend on, so that a later one can be limited to what edits affect. */
export class TestTools {
  readonly #door: Door;

  constructor(door: Door) {
    this.#door = door;
  }

  async run(params: RunParams, signal: AbortSignal): Promise<ToolText> {
    const wish = await this.#wishOf(params);
    if (wish === null) return said("No test failed in the last run that it was in: nothing was run.");
    const counts: Partial<Record<Outcome, number>> = {};
    const failed: Failed[] = [];
    const seen = new Set<string>();
    const collected = new Set<string>();
    let unaffected = 0;
    let output = "";
    const run = this.#door.start(wish, {
      // Of an option or an expression that does not fit, pytest speaks in its output alone, and at once.
      onOutput: (_, bytes) => {
        if (output.length < MOST_OUTPUT) output += Buffer.from(bytes).toString();
      },
      onEvent: (event) => {
        if (event.type === "collected") for (const id of event.ids) collected.add(id);
        if (event.type === "plan") unaffected = event.unaffected;
        if (event.type === "test-finished" || event.type === "collect-failed") seen.add(event.id);
        if (event.type === "collect-failed")
          failed.push({ id: event.id, outcome: "does not collect", text: event.text });
        if (event.type !== "test-finished") return;
        counts[event.outcome] = (counts[event.outcome] ?? 0) + 1;
        if (event.outcome !== "failed" && event.outcome !== "error") return;
        failed.push({ id: event.id, outcome: event.outcome, text: event.text ?? "" });
      },
    });
    if (signal.aborted) run.cancel();
    signal.addEventListener("abort", run.cancel);
    const end = await run.finished;
    signal.removeEventListener("abort", run.cancel);
    const failures = await this.#door.failures().catch((): readonly LastFailure[] => []);
    const others = failures.filter(({ id }) => !seen.has(id));
    const objections = [...objectionsOf(params, end, collected, seen), ...pytestObjections(end, output)];
    return describeEnd(end, counts, { unaffected, others, objections }, failed);
  }

  async list(path: string | undefined): Promise<ToolText> {
    const ids: string[] = [];
    const broken: Failed[] = [];
    const end = await this.#door.start(
      { more: ["--collect-only", "-q"], ...(path === undefined ? {} : { choice: { ids: null, path, name: "" } }) },
      {
        onEvent: (event) => {
          if (event.type === "collected") ids.push(...event.ids);
          if (event.type === "collect-failed")
            broken.push({ id: event.id, outcome: "does not collect", text: event.text });
        },
      },
    ).finished;
    if (end.kind === "failed") return refused(end.problem);
    const more = ids.length > MOST_IDS ? [`… and ${ids.length - MOST_IDS} more: ask for a path`] : [];
    return said([`${ids.length} tests`, ...ids.slice(0, MOST_IDS), ...more, ...describeFailures(broken)].join("\n"));
  }

  async explain(about: string): Promise<ToolText> {
    return said((await this.#door.why(about)).join("\n"));
  }

  async failures(id: string | undefined): Promise<ToolText> {
    const all = await this.#door.failures();
    const wanted = id === undefined ? all : all.filter((each) => each.id.includes(id));
    if (wanted.length === 0) {
      return said(
        id === undefined ? "No test failed in the last run that it was in." : `No failed test has \`${id}\` in its id.`,
      );
    }
    return said([`${wanted.length} failed in their last run`, ...describeFailures(wanted)].join("\n"));
  }

  async status(): Promise<ToolText> {
    return said(describeStatus(await this.#door.status()).join("\n"));
  }

  /** Null where there is nothing to run. */
  async #wishOf({ selection, ids, path, name }: RunParams): Promise<RunWish | null> {
    const isChosen = ids !== undefined || path !== undefined || name !== undefined;
    if (isChosen) return { affected: "learn", choice: { ids: ids ?? null, path: path ?? "", name: name ?? "" } };
    if (selection === "affected") return { affected: "only" };
    if (selection === "all") return { affected: "learn" };
    const failures = await this.#door.failures();
    if (failures.length === 0) return null;
    // A file that did not collect has tests that nobody knows: all run, that these do.
    if (failures.some(isFile)) return { affected: "learn" };
    return { affected: "learn", choice: { ids: failures.map(({ id }) => id), path: "", name: "" } };
  }
}

function isFile({ id }: LastFailure): boolean {
  return !id.includes("::");
}

function describeEnd(
  end: DoorEnd,
  counts: Readonly<Partial<Record<Outcome, number>>>,
  {
    unaffected,
    others,
    objections,
  }: {
    readonly unaffected: number;
    readonly others: readonly LastFailure[];
    readonly objections: readonly string[];
  },
  failed: readonly Failed[],
): ToolText {
  if (end.kind === "failed") return refused(end.problem);
  const { record, problem } = end;
  const lines = [
    verdict(record, counts, unaffected),
    ...(problem === null ? [] : [`${problem.code}: ${problem.sentence} next: ${problem.next}`]),
    ...objections,
    ...describeFailures(failed),
    ...stillFailing(others),
  ];
  return said(lines.join("\n"));
}

/** What was asked for and is not there. */
function objectionsOf(
  { ids, path, name }: RunParams,
  end: DoorEnd,
  collected: ReadonlySet<string>,
  seen: ReadonlySet<string>,
): readonly string[] {
  // A run that was cut short may not have come to them, and files that do not collect may have them.
  if (end.kind === "failed" || !COMPLETE.includes(end.record.exit)) return [];
  if ([...seen].some((id) => !id.includes("::"))) return [];
  const missing = (ids ?? []).filter((id) => !collected.has(id));
  const gone = missing.slice(0, MOST_REPORTS).map((id) => `no such test: ${id}`);
  if (gone.length > 0) return [...gone, "next: list_tests tells the ids that there are"];
  if (ids !== undefined || collected.size > 0 || (path === undefined && name === undefined)) return [];
  const wanted = [path && `path: ${path}`, name && `name: ${name}`].filter(Boolean).join(", ");
  return [`no test matches ${wanted}`, "next: list_tests tells the ids that there are"];
}

/** What pytest itself says of a command line that it does not take. */
function pytestObjections(end: DoorEnd, output: string): readonly string[] {
  if (end.kind === "failed" || end.record.exit !== USAGE_ERROR) return [];
  return output.split("\n").filter((line) => line.startsWith("ERROR: "));
}

/** A good run of a part is no good suite: what else fails is said with it. */
function stillFailing(others: readonly LastFailure[]): readonly string[] {
  if (others.length === 0) return [];
  const more = others.length > MOST_REPORTS ? [`… and ${others.length - MOST_REPORTS} more: last_failures`] : [];
  return [
    "",
    `${others.length} still failing, not run:`,
    ...others.slice(0, MOST_REPORTS).map(({ id }) => id),
    ...more,
  ];
}

function verdict(record: RunRecord, counts: Readonly<Partial<Record<Outcome, number>>>, unaffected: number): string {
  const told = Object.entries(counts).map(([outcome, count]) => `${count} ${outcome}`);
  const facts = [
    told.length === 0 ? "no test ran" : told.join(", "),
    ...(unaffected > 0 ? [`${unaffected} unaffected, not run`] : []),
    ...(record.unfinished > 0 ? [`${record.unfinished} without an outcome`] : []),
    `exit ${record.exit ?? "none"}`,
    formatTime(record.durationMs),
    `${record.way}: ${record.reason}`,
  ];
  return facts.join(" · ");
}

function describeFailures(failed: readonly Failed[]): readonly string[] {
  const shown = failed.slice(0, MOST_REPORTS).flatMap(({ id, outcome, text }) => {
    const { place } = readFailure(id, text);
    return ["", `${outcome}: ${id} at ${place}`, trimReport(text)];
  });
  if (failed.length <= MOST_REPORTS) return shown;
  return [...shown, "", "and, without their reports:", ...failed.slice(MOST_REPORTS, MOST_IDS).map(({ id }) => id)];
}

function said(text: string): ToolText {
  return { text, isError: false };
}

function refused({ code, sentence, next }: { code: string; sentence: string; next: string }): ToolText {
  return { text: `${code}: ${sentence}\nnext: ${next}`, isError: true };
}
