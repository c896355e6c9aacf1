import { basename } from "node:path";
import type { DoorEnd, DoorRun, RunWish } from "../../protocol/door.ts";
import type { HttpRunRequest } from "../../protocol/http-schema.ts";
import type { NodeId } from "../../protocol/ids.ts";
import type { House } from "./house.ts";
import { HttpError } from "./route.ts";
import type { RunRegistry } from "./run-registry.ts";

const MOST_RUNS = 16;

/** What a collection has found. */
interface Collection {
  readonly tests: readonly string[];
  readonly broken: readonly { readonly id: string; readonly text: string }[];
  readonly exit: number | null;
}

/** Runs that were asked for by HTTP: they go on when nobody reads, and can be cancelled. */
export class OwnRuns {
  /** What a route that starts a run can be refused with. */
  readonly refusals = {
    429: `More than ${MOST_RUNS} runs at a time.`,
    503: "The run has no verdict; the body says why.",
  };
  readonly #house: House;
  readonly #registry: RunRegistry;
  readonly #running = new Map<string, DoorRun>();
  #starting = 0;

  constructor(house: House, registry: RunRegistry) {
    this.#house = house;
    this.#registry = registry;
  }

  /** Starts a run and returns its id. */
  async start({ ids, path, name, affected }: HttpRunRequest): Promise<string> {
    const isChosen = ids !== undefined || path !== undefined || name !== undefined;
    return this.#start({
      ...(affected === undefined ? {} : { affected }),
      ...(isChosen ? { choice: { ids: ids ?? null, path: path ?? "", name: name ?? "" } } : {}),
    });
  }

  /** Starts a run of this command line: another program, or another way to start it, is refused. */
  async command(words: readonly string[]): Promise<string> {
    const program = basename(words[0] ?? "");
    const isPlain = program === "pytest" || program === "py.test";
    const isModule = /^python[\d.]*$/.test(program) && words[1] === "-m" && words[2] === "pytest";
    if (isPlain ? this.#house.isModule : !(isModule && this.#house.isModule)) {
      const form = this.#house.isModule ? "python -m pytest ARGS" : "pytest ARGS";
      throw new HttpError(409, "conflict", `Expected a command of the form that is served: ${form}.`);
    }
    return this.#start({ args: words.slice(isPlain ? 1 : 3) });
  }

  /** What pytest collects now. */
  async list(): Promise<Collection> {
    this.#count();
    const tests: NodeId[] = [];
    const broken: { readonly id: string; readonly text: string }[] = [];
    this.#starting += 1;
    const end = await this.#house
      .start(
        { more: ["--collect-only", "-q"] },
        {
          onEvent: (event) => {
            if (event.type === "collected") tests.push(...event.ids);
            if (event.type === "collect-failed") broken.push({ id: event.id, text: event.text });
          },
        },
      )
      .finished.finally(() => {
        this.#starting -= 1;
      });
    if (end.kind === "failed") throw unserved(end);
    return { tests, broken, exit: end.record.exit };
  }

  cancel(id: string): boolean {
    const run = this.#running.get(id);
    run?.cancel();
    return run !== undefined;
  }

  cancelAll(): void {
    for (const run of this.#running.values()) run.cancel();
  }

  async #start(wish: RunWish): Promise<string> {
    this.#count();
    this.#starting += 1;
    const { promise: begun, resolve } = Promise.withResolvers<string>();
    let id: string | undefined;
    const run = this.#house.startNamed(
      wish,
      {
        onOutput: (_stream, bytes) => {
          if (id !== undefined) this.#registry.addOutput(id, bytes);
        },
      },
      (named) => {
        id = named;
        this.#registry.begin(named, this.#house.beginOf(wish), true);
        resolve(named);
      },
    );
    const finished = run.finished.then((end) => {
      if (id !== undefined) this.#registry.end(id, end.problem);
      return end;
    });
    try {
      const first = await Promise.race([begun, finished]);
      if (typeof first !== "string" && id === undefined) throw unserved(first);
      const started = await begun;
      this.#running.set(started, run);
      void finished.finally(() => this.#running.delete(started));
      return started;
    } finally {
      this.#starting -= 1;
    }
  }

  #count(): void {
    if (this.#running.size + this.#starting < MOST_RUNS) return;
    throw new HttpError(429, "busy", `There are ${MOST_RUNS} runs already.`);
  }
}

function unserved(end: DoorEnd): HttpError {
  const { code = "internal", sentence = "The run has no verdict.", next = "" } = end.problem ?? {};
  return new HttpError(503, code, sentence, next);
}
