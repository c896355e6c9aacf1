import type { ApiRequest } from "../../protocol/api.ts";
import type { Session } from "../session.ts";
import { argumentsKey } from "../timelines/trunk-shelf.ts";
import type { Narrowing } from "../watching/narrowing.ts";
import type { RunHost } from "./run-host.ts";
import { serveRun } from "./serve-run.ts";

type RunOrder = Extract<ApiRequest, { type: "run" }>;

/**
 * Knows for one door what tests depend on, from one of its runs to the next: what an edit cannot affect keeps its outcome.
 * It watches no files; each run is compared with the last one. Such runs follow each other.
 */
export class OnDemand implements Disposable {
  readonly #session: Session;
  readonly #narrowings = new Map<string, Narrowing>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(session: Session) {
    this.#session = session;
  }

  /** Runs when the run before has ended. */
  async run(request: RunOrder, host: RunHost): Promise<void> {
    if (request.affected === undefined) {
      await serveRun(this.#session, request, host, host.gone, request.choice);
      return;
    }
    const turn = this.#last.then(() => this.#narrowed(request, host));
    this.#last = turn.catch(() => {});
    await turn;
  }

  /** A run in flight still asks the reader of its narrowing: that ends after it. */
  [Symbol.dispose](): void {
    void this.#last.then(() => {
      for (const narrowing of this.#narrowings.values()) narrowing[Symbol.dispose]();
    });
  }

  async #narrowed(request: RunOrder, host: RunHost): Promise<void> {
    if (host.gone.aborted) return;
    const key = argumentsKey(request.launch);
    const narrowing = this.#narrowings.get(key) ?? this.#session.watches.narrow(request.launch.python);
    this.#narrowings.set(key, narrowing);
    const { choice } = request;
    narrowing.isNarrowing = request.affected === "only";
    narrowing.isFiltered = choice !== undefined && (choice.ids !== null || choice.path !== "" || choice.name !== "");
    await serveRun(this.#session, request, host, host.gone, choice, null, narrowing);
    // The requester has its verdict; the next run waits until the sources are read that this one was led from.
    await narrowing.settle();
  }
}
