import type { RunEvent } from "../protocol/events.ts";

/** One event, and the run that it belongs to. */
export interface TaggedEvent {
  readonly run: string;
  readonly event: RunEvent;
}

/** Puts runs that go side by side one after the other: a view has room for one run at a time. */
export class RunQueue {
  #current: string | null = null;
  #waiting: readonly TaggedEvent[] = [];

  /** The run whose events are let through; null between two runs. */
  get current(): string | null {
    return this.#current;
  }

  /** Events of runs that wait for their turn. */
  get waiting(): readonly TaggedEvent[] {
    return this.#waiting;
  }

  /** The events whose turn it is, now that this one has come. */
  take(tagged: TaggedEvent): readonly RunEvent[] {
    if (this.#current !== null && this.#current !== tagged.run) {
      this.#waiting = [...this.#waiting, tagged];
      return [];
    }
    this.#current = tagged.run;
    if (tagged.event.type !== "run-finished") return [tagged.event];
    this.#current = null;
    const waiting = this.#waiting;
    this.#waiting = [];
    return [tagged.event, ...waiting.flatMap((each) => this.take(each))];
  }

  /** Goes on where another queue is. */
  resume(current: string | null, waiting: readonly TaggedEvent[]): void {
    this.#current = current;
    this.#waiting = [...waiting];
  }
}
