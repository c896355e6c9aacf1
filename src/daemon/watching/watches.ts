import type { AgentChannel } from "../../worker/agent-channel.ts";
import { type ReaderPlaces, SourceReader } from "../../worker/source-reader.ts";
import { LiveWatches } from "./live-watches.ts";
import { type Decision, Narrowing } from "./narrowing.ts";

/** What the watches of a project know: which tests an edit can affect, each with a process that reads source files for it. */
export class Watches {
  /** What the last run of a watch was limited to, and why; null where none was. */
  lastDecision: Decision | null = null;
  readonly live = new LiveWatches();
  readonly #places: ReaderPlaces & { readonly root: string };
  readonly #readers = new Map<string, SourceReader>();
  #ids = 0;

  constructor(places: ReaderPlaces & { readonly root: string }) {
    this.#places = places;
  }

  /** A watch begins; what this returns is disposed of at its end. */
  narrow(python: string): Narrowing {
    this.#ids += 1;
    const reader = new SourceReader(`f${this.#ids}`, python, this.#places);
    this.#readers.set(reader.id, reader);
    return new Narrowing(this.#places.root, reader, (decision) => {
      this.lastDecision = decision;
    });
  }

  /** One of the readers has connected; false for a stranger. */
  connected(channel: AgentChannel, id: string): boolean {
    return this.#readers.get(id)?.attach(channel) === true;
  }

  /** Ends all readers. */
  end(): void {
    for (const reader of this.#readers.values()) reader[Symbol.dispose]();
  }
}
