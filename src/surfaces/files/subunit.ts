import type { Problem } from "../../protocol/errors.ts";
import type { Outcome, RunEvent, RunRecord } from "../../protocol/events.ts";
import { encodePacket, type SubunitStatus } from "./subunit-packet.ts";

/** An expected failure that passes is a success to pytest's exit code; a tag tells it apart. */
const STATUS: Readonly<Record<Outcome, SubunitStatus>> = {
  passed: "success",
  failed: "fail",
  error: "fail",
  skipped: "skip",
  xfailed: "xfail",
  xpassed: "success",
};

/** Exit codes of pytest after which nothing has failed: all passed, no tests. */
const GOOD_EXITS: readonly (number | null)[] = [0, 5];
const CHUNK_BYTES = 256 * 1024;
const PLAIN_TEXT = "text/plain;charset=utf8";

/**
 * Turns the events of a run into a subunit stream, version 2. The stream fails where pytest does: what no test says is
 * told by a test named `pytest`.
 */
export class SubunitWriter {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #now: () => number;
  readonly #startedMs = new Map<string, number>();
  #hasFailed = false;

  /** `now` is the wall clock, in milliseconds since 1970. */
  constructor(write: (bytes: Uint8Array) => void, now: () => number) {
    this.#write = write;
    this.#now = now;
  }

  /** These tests are there. */
  list(ids: readonly string[]): void {
    for (const test of ids) this.#write(encodePacket({ test, status: "exists" }));
  }

  add(event: RunEvent): void {
    switch (event.type) {
      case "test-started": {
        const atMs = this.#now();
        this.#startedMs.set(event.id, atMs);
        this.#write(encodePacket({ test: event.id, status: "inprogress", atMs }));
        break;
      }
      case "test-finished": {
        // pytest's own duration, and not when we heard of it.
        const atMs = (this.#startedMs.get(event.id) ?? this.#now() - event.durationMs) + event.durationMs;
        this.#startedMs.delete(event.id);
        if (event.text !== undefined) this.#attach(event.id, "traceback", event.text);
        const status = STATUS[event.outcome];
        this.#hasFailed ||= status === "fail";
        const tags = event.outcome === "error" || event.outcome === "xpassed" ? [event.outcome] : [];
        this.#write(encodePacket({ test: event.id, status, atMs, tags }));
        break;
      }
      case "collect-failed":
        this.#fail(event.id, event.text);
        break;
      case "edit":
      case "run-started":
      case "plan":
      case "collected":
      case "measured":
      case "executed":
      case "repeated":
      case "workers":
      case "warning":
      case "watching":
      case "debugger":
      case "run-finished":
        break;
      default:
        event satisfies never;
    }
  }

  /** The run has ended: with a record, or with the problem that kept it from one. `output` is what pytest has said. */
  end(record: RunRecord | null, problem: Problem | null, output: string): void {
    const exit = record?.exit ?? null;
    for (const test of this.#startedMs.keys())
      this.#fail(test, problem?.sentence ?? "It was running when the run ended.");
    this.#startedMs.clear();
    if (GOOD_EXITS.includes(exit) || (exit === 1 && this.#hasFailed && problem === null)) return;
    const why = problem?.sentence ?? `pytest ended with exit code ${exit}.`;
    this.#fail("pytest", `${why}\n${output}`);
  }

  #fail(test: string, text: string): void {
    this.#hasFailed = true;
    this.#attach(test, "traceback", text);
    this.#write(encodePacket({ test, status: "fail", atMs: this.#now() }));
  }

  #attach(test: string, name: string, text: string): void {
    const bytes = Buffer.from(text);
    for (let first = 0; first < bytes.length; first += CHUNK_BYTES) {
      const part = bytes.subarray(first, first + CHUNK_BYTES);
      const isLast = first + CHUNK_BYTES >= bytes.length;
      this.#write(encodePacket({ test, file: { name, mime: PLAIN_TEXT, bytes: part, isLast } }));
    }
  }
}
