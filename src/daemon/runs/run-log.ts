import type { LastFailure } from "../../protocol/door.ts";
import type { RunEvent } from "../../protocol/events.ts";
import type { RunRequest } from "./run-request.ts";

/** More failures than this are not kept with their reports, and no longer reports. */
const MOST_FAILURES = 1_000;
const LONGEST_REPORT = 20_000;

/** Exit codes after which everything that was selected has run. */
const COMPLETE: readonly (number | null)[] = [0, 1, 5];

/** Who listens to all runs; its failing is no reason to end one. */
export type RunTap = (run: string, event: RunEvent, request: RunRequest) => void;

/**
 * What happens in all runs, whoever asked for them: it keeps what fails now, and passes events on to whoever listens. A
 * listener is only told; it can neither hold up a run nor end it.
 */
export class RunLog {
  readonly #taps = new Set<RunTap>();
  readonly #failures = new Map<string, LastFailure>();
  readonly #log: (line: string) => void;

  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  /** Tests that failed in the last run that they were in, the newest last. */
  get failures(): readonly LastFailure[] {
    return [...this.#failures.values()];
  }

  /** A run begins: what this returns tells of its events here, too. What comes after its abort is no outcome. */
  begin(run: string, request: RunRequest, abort: AbortSignal): RunRequest {
    request.onBegin?.(run);
    const missing = new Set(request.choice.ids);
    return {
      ...request,
      onEvent: (event) => {
        if (!abort.aborted) this.#note(run, event);
        if (event.type === "collected") for (const id of event.ids) missing.delete(id);
        // What was asked for by name and is not there exists no more.
        if (event.type === "run-finished" && COMPLETE.includes(event.record.exit))
          for (const id of missing) this.#failures.delete(id);
        const told = abort.aborted && event.type === "run-finished" ? withoutExit(event) : event;
        if (!abort.aborted || event.type !== "test-finished") this.#tell(run, told, request);
        request.onEvent(event);
      },
    };
  }

  /** Listens to all runs, until what this returns is called. */
  tap(listener: RunTap): () => void {
    this.#taps.add(listener);
    return () => this.#taps.delete(listener);
  }

  #tell(run: string, event: RunEvent, request: RunRequest): void {
    for (const listener of this.#taps) {
      try {
        listener(run, event, request);
      } catch (error) {
        this.#taps.delete(listener);
        this.#log(`a listener to runs was dropped: ${error instanceof Error ? error.stack : String(error)}`);
      }
    }
  }

  #note(run: string, event: RunEvent): void {
    if (event.type === "collect-failed") this.#add(run, event.id, "error", event.text);
    if (this.#failures.size > 0) this.#forget(event);
    if (event.type !== "test-finished") return;
    if (event.outcome === "failed" || event.outcome === "error") {
      this.#add(run, event.id, event.outcome, event.text ?? "");
    }
  }

  #forget(event: RunEvent): void {
    if (event.type === "test-finished") this.#failures.delete(event.id);
    if (event.type === "plan") for (const id of event.gone) this.#failures.delete(id);
    if (event.type === "collected") for (const id of event.ids) this.#failures.delete(fileOf(id));
  }

  #add(run: string, id: string, outcome: LastFailure["outcome"], text: string): void {
    this.#failures.delete(id);
    const [oldest] = this.#failures.size >= MOST_FAILURES ? this.#failures.keys() : [];
    if (oldest !== undefined) this.#failures.delete(oldest);
    this.#failures.set(id, { id, outcome, run, atMs: Date.now(), text: shorten(text) });
  }
}

/** The end of a report says what went wrong: a long one loses its middle. */
function shorten(text: string): string {
  if (text.length <= LONGEST_REPORT) return text;
  const half = LONGEST_REPORT / 2;
  return `${text.slice(0, half)}\n… ${text.length - LONGEST_REPORT} characters left out …\n${text.slice(-half)}`;
}

function fileOf(id: string): string {
  return id.split("::", 1)[0] ?? id;
}

function withoutExit(event: Extract<RunEvent, { type: "run-finished" }>): RunEvent {
  return { ...event, record: { ...event.record, exit: null } };
}
