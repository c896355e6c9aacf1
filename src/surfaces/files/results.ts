import type { RunEvent } from "../../protocol/events.ts";
import type { RunResults } from "../../protocol/results-schema.ts";

type TestResult = RunResults["tests"][number];

/** Gathers what a run came to, for a file that can be merged with those of other runs. */
export class Results {
  readonly #startedMs: number;
  readonly #share: RunResults["share"];
  readonly #tests = new Map<string, TestResult>();
  readonly #broken: { readonly id: string; readonly text: string }[] = [];

  constructor(startedMs: number, share: RunResults["share"]) {
    this.#startedMs = startedMs;
    this.#share = share;
  }

  add(event: RunEvent): void {
    switch (event.type) {
      case "collected":
        for (const id of event.ids) this.#tests.set(id, { id, outcome: null, durationMs: 0, text: "" });
        break;
      case "test-finished": {
        const { id, outcome, durationMs, text = "" } = event;
        this.#tests.set(id, { id, outcome, durationMs, text });
        break;
      }
      case "collect-failed":
        this.#broken.push({ id: event.id, text: event.text });
        break;
      default:
        break;
    }
  }

  /** The file's text. */
  toText(exit: number): string {
    const results: RunResults = {
      format: "prewarm results 1",
      share: this.#share,
      startedMs: this.#startedMs,
      exit,
      tests: [...this.#tests.values()],
      broken: this.#broken,
    };
    return `${JSON.stringify(results)}\n`;
  }
}
