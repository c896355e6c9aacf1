import type { Outcome, RunEvent } from "../../protocol/events.ts";
import type { HttpOutcome, HttpProblem, HttpRun } from "../../protocol/http-schema.ts";
import type { LastEdit, RunBegin } from "./house.ts";

/** Bounds of what is kept for readers; older runs lose their outcomes first. */
const MOST_RUNS = 200;
const MOST_OUTCOMES = 100_000;
const LONGEST_REPORT = 20_000;
const LONGEST_OUTPUT_BYTES = 1024 * 1024;
const MOST_OUTPUTS = 20;

interface KnownRun extends RunBegin {
  readonly id: string;
  readonly startedMs: number;
  readonly outcomes: Map<string, HttpOutcome>;
  readonly broken: { readonly id: string; readonly text: string }[];
  readonly counts: Partial<Record<Outcome, number>>;
  readonly output: { parts: Buffer[]; bytes: number } | null;
  selection: HttpRun["selection"];
  selected: number;
  record: HttpRun["record"];
  problem: HttpProblem | null;
  isOver: boolean;
  endedMs: number | null;
}

/** The runs since HTTP is served, as far as their events tell: bounded, whatever the suite. */
export class RunRegistry {
  readonly #runs = new Map<string, KnownRun>();
  readonly #last = new Map<string, { readonly outcome: Outcome; readonly durationMs: number }>();
  readonly #now: () => number;
  #outcomes = 0;
  lastEdit: LastEdit = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A run begins; `isOurs` keeps its output. */
  begin(id: string, { args, cwd }: RunBegin, isOurs: boolean): KnownRun {
    const known = this.#runs.get(id);
    if (known !== undefined) return known;
    const run: KnownRun = {
      ...{ id, args, cwd, startedMs: this.#now(), outcomes: new Map(), broken: [], counts: {} },
      ...{ output: isOurs ? { parts: [], bytes: 0 } : null, selection: null, selected: 0 },
      ...{ record: null, problem: null, isOver: false, endedMs: null },
    };
    this.#runs.set(id, run);
    this.#bound();
    return run;
  }

  add(id: string, event: RunEvent, begin: RunBegin): void {
    const run = this.begin(id, begin, false);
    switch (event.type) {
      case "edit":
        this.lastEdit = event.files;
        break;
      case "run-started":
        run.selection = event.selection;
        break;
      case "collected":
        run.selected += event.ids.length;
        break;
      case "collect-failed":
        run.broken.push({ id: event.id, text: event.text.slice(-LONGEST_REPORT) });
        break;
      case "plan":
        for (const gone of event.gone) this.#last.delete(gone);
        break;
      case "test-finished":
        this.#addOutcome(run, event);
        break;
      case "run-finished":
        run.record = event.record;
        run.isOver = true;
        run.endedMs ??= this.#now();
        break;
      case "test-started":
      case "measured":
      case "executed":
      case "repeated":
      case "workers":
      case "warning":
      case "watching":
      case "debugger":
        break;
      default:
        event satisfies never;
    }
  }

  /** Adds pytest's output of a run of ours; of a long one the end is kept. */
  addOutput(id: string, bytes: Uint8Array): void {
    const output = this.#runs.get(id)?.output;
    if (output == null) return;
    output.parts.push(Buffer.from(bytes));
    output.bytes += bytes.length;
    while (output.bytes > LONGEST_OUTPUT_BYTES && output.parts.length > 1) {
      output.bytes -= output.parts.shift()?.length ?? 0;
    }
  }

  /** A run of ours has ended, whether it came to a record or not. */
  end(id: string, problem: HttpProblem | null): void {
    const run = this.#runs.get(id);
    if (run === undefined) return;
    run.problem = problem;
    run.isOver = true;
    run.endedMs ??= this.#now();
  }

  /** The newest first. */
  get runs(): readonly HttpRun[] {
    return [...this.#runs.values()].reverse().map(describe);
  }

  run(id: string): HttpRun | undefined {
    const run = this.#runs.get(id);
    return run && describe(run);
  }

  outcomes(id: string): { readonly outcomes: readonly HttpOutcome[]; readonly broken: KnownRun["broken"] } | undefined {
    const run = this.#runs.get(id);
    return run && { outcomes: [...run.outcomes.values()], broken: run.broken };
  }

  output(id: string): Buffer | undefined {
    const output = this.#runs.get(id)?.output;
    return output ? Buffer.concat(output.parts) : undefined;
  }

  /** The last outcome of each test that ran since. */
  get last(): ReadonlyMap<string, { readonly outcome: Outcome; readonly durationMs: number }> {
    return this.#last;
  }

  #addOutcome(run: KnownRun, event: Extract<RunEvent, { type: "test-finished" }>): void {
    const { id, outcome, durationMs, text, worker } = event;
    run.counts[outcome] = (run.counts[outcome] ?? 0) + 1;
    if (this.#last.has(id) || this.#last.size < MOST_OUTCOMES) this.#last.set(id, { outcome, durationMs });
    if (this.#outcomes >= MOST_OUTCOMES) this.#forgetOutcomes(run);
    if (this.#outcomes >= MOST_OUTCOMES) return;
    this.#outcomes += run.outcomes.has(id) ? 0 : 1;
    const report = text === undefined ? {} : { text: text.slice(-LONGEST_REPORT) };
    const by = worker === undefined ? {} : { worker };
    run.outcomes.set(id, { id, outcome, durationMs, atMs: this.#now() - run.startedMs, ...by, ...report });
  }

  #forgetOutcomes(newest: KnownRun): void {
    for (const run of this.#runs.values()) {
      if (run === newest || this.#outcomes < MOST_OUTCOMES) return;
      this.#outcomes -= run.outcomes.size;
      run.outcomes.clear();
    }
  }

  #bound(): void {
    let surplus = this.#runs.size - MOST_RUNS;
    for (const run of this.#runs.values()) {
      if (surplus <= 0) break;
      if (!run.isOver) continue;
      this.#outcomes -= run.outcomes.size;
      this.#runs.delete(run.id);
      surplus -= 1;
    }
    const withOutput = [...this.#runs.values()].filter(({ output }) => output !== null && output.bytes > 0);
    for (const { output, isOver } of withOutput.slice(0, -MOST_OUTPUTS)) {
      if (output !== null && isOver) Object.assign(output, { parts: [], bytes: 0 });
    }
  }
}

function describe(run: KnownRun): HttpRun {
  const { id, args, cwd, startedMs, endedMs, selection, selected, counts, record, problem, isOver, output } = run;
  const state = isOver ? "finished" : "running";
  const ours = { isOurs: output !== null, args: [...args], counts: { ...counts } };
  return { id, state, cwd, startedMs, endedMs, selection, selected, record, problem, ...ours };
}
