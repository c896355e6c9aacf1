import type { Door, DoorEnd, RunWish } from "../../protocol/door.ts";
import type { Problem } from "../../protocol/errors.ts";
import type { RunEvent } from "../../protocol/events.ts";
import type { NodeId } from "../../protocol/ids.ts";
import { type RunTestsParams, type StdioMethod, stdioMethods } from "../../protocol/stdio-schema.ts";
import { RPC, RpcError, RpcPeer } from "./json-rpc.ts";
import { type RunsEnd, TestRun } from "./test-runs.ts";

/** So many runs are worked on at the same time. */
const MOST_RUNS = 64;

/** Where what happens goes: JSON-RPC notifications, or a stream of another kind that has no room for answers. */
export interface ServerOutput {
  /** A line of JSON-RPC. */
  readonly line: (text: string) => void;
  readonly onEvent?: (event: RunEvent) => void;
  readonly onTests?: (ids: readonly string[]) => void;
  readonly onPart?: (end: DoorEnd, output: string) => void;
}

type Params<Method extends StdioMethod> = ReturnType<(typeof stdioMethods)[Method]["parse"]>;

/** Tests as a server on two streams: requests come in, answers and notifications go out. */
export class TestServer {
  /** Resolves when `shutdown` was asked for and answered. */
  readonly shutdown: Promise<void>;
  readonly #door: Door;
  readonly #output: ServerOutput;
  readonly #peer: RpcPeer;
  readonly #runs = new Map<string, TestRun>();
  readonly #pending = new Set<Promise<unknown>>();
  readonly #askShutdown: () => void;
  /** The types of events that are wanted: null for all, undefined for none. */
  #types: ReadonlySet<string> | null | undefined;
  #ids = 0;

  constructor(door: Door, output: ServerOutput) {
    this.#door = door;
    this.#output = output;
    this.#peer = new RpcPeer((method, params) => this.#track(this.#answer(method, params)), output.line);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.shutdown = promise;
    this.#askShutdown = resolve;
  }

  push(chunk: Buffer): void {
    this.#peer.push(chunk);
  }

  /** Resolves when everything that was asked for has its answer, and every run has ended. */
  async drain(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending);
  }

  /** Lets every run end. */
  cancelAll(): void {
    for (const run of this.#runs.values()) run.cancel();
  }

  async #answer(method: string, params: unknown): Promise<unknown> {
    switch (method as StdioMethod) {
      case "list-tests":
        return this.#list(this.#read("list-tests", params));
      case "run-tests":
        return this.#runTests(this.#read("run-tests", params));
      case "stdin":
        return this.#stdin(this.#read("stdin", params));
      case "cancel": {
        const { run } = this.#read("cancel", params);
        if (this.#runs.get(run)?.cancel() !== true) throw noRun(run);
        return {};
      }
      case "subscribe": {
        const { types } = this.#read("subscribe", params);
        this.#types = types === undefined ? null : new Set(types);
        return {};
      }
      case "unsubscribe":
        this.#read("unsubscribe", params);
        this.#types = undefined;
        return {};
      case "status":
        this.#read("status", params);
        return this.#ask(this.#door.status());
      case "why":
        return { lines: await this.#ask(this.#door.why(this.#read("why", params).about ?? "")) };
      case "failures":
        this.#read("failures", params);
        return { failures: await this.#ask(this.#door.failures()) };
      case "shutdown":
        this.#read("shutdown", params);
        this.cancelAll();
        setImmediate(this.#askShutdown);
        return {};
      default:
        throw new RpcError(RPC.method, `There is no method \`${method}\`.`, { methods: Object.keys(stdioMethods) });
    }
  }

  async #list({ args }: Params<"list-tests">): Promise<unknown> {
    const tests: NodeId[] = [];
    const broken: { readonly id: string; readonly text: string }[] = [];
    const wish: RunWish = { more: ["--collect-only", "-q"], ...(args === undefined ? {} : { args }) };
    const end = await this.#door.start(wish, {
      onEvent: (event) => {
        if (event.type === "collected") tests.push(...event.ids);
        if (event.type === "collect-failed") broken.push({ id: event.id, text: event.text });
      },
    }).finished;
    if (end.kind === "failed") throw refusal(end.problem);
    this.#output.onTests?.(tests);
    return { tests, broken, exit: end.record.exit };
  }

  #runTests(params: RunTestsParams): { readonly run: string; readonly isAdded: boolean } {
    const wish = wishOf(params);
    if (params.run !== undefined) {
      if (this.#runs.get(params.run)?.add(wish) !== true) throw noRun(params.run);
      return { run: params.run, isAdded: true };
    }
    if (this.#runs.size >= MOST_RUNS) throw new RpcError(RPC.problem, `Expected at most ${MOST_RUNS} runs at a time.`);
    this.#ids += 1;
    const id = String(this.#ids);
    // The answer goes first, so that every notification names a run that is known.
    const { promise: answered, resolve } = Promise.withResolvers<void>();
    setImmediate(resolve);
    const run = new TestRun(id, this.#door, wish, answered, {
      onEvent: (_id, event) => this.#tell(id, event),
      onPart: (end, output) => this.#output.onPart?.(end, output),
      onOutput: (_id, stream, text) => this.#peer.notify("output", { run: id, stream, text }),
      onEnd: (end) => this.#ended(end),
    });
    this.#runs.set(id, run);
    void this.#track(run.finished);
    return { run: id, isAdded: false };
  }

  async #stdin({ run: id, text, end }: Params<"stdin">): Promise<unknown> {
    const run = this.#runs.get(id);
    if (run === undefined) throw noRun(id);
    const input = await run.input();
    if (input === undefined) throw new RpcError(RPC.problem, `The run \`${id}\` was not started with \`input\`.`);
    if (text !== undefined && !input.write(Buffer.from(text))) {
      throw new RpcError(RPC.problem, `The run \`${id}\` takes no more input: it has ended, or too much is unread.`);
    }
    if (end === true) input.end();
    return {};
  }

  #tell(run: string, event: RunEvent): void {
    this.#output.onEvent?.(event);
    if (this.#types === undefined || (this.#types !== null && !this.#types.has(event.type))) return;
    this.#peer.notify("event", { run, event });
  }

  #ended({ run, exit, parts }: RunsEnd): void {
    this.#runs.delete(run);
    const records = parts.flatMap((end) => (end.kind === "finished" ? end.record : []));
    const problems = parts.flatMap((end) => end.problem ?? []);
    this.#peer.notify("finished", { run, exit, records, problems });
  }

  #read<Method extends StdioMethod>(method: Method, params: unknown): Params<Method> {
    const read = stdioMethods[method].safeParse(params);
    if (read.success) return read.data as Params<Method>;
    const [issue] = read.error.issues;
    const place = issue?.path.join(".");
    const sentence = `The parameters of \`${method}\` are wrong${place ? ` at \`${place}\`` : ""}: ${issue?.message ?? ""}.`;
    throw new RpcError(RPC.params, sentence);
  }

  async #ask<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      throw new RpcError(RPC.problem, error instanceof Error ? error.message : String(error));
    }
  }

  async #track<T>(work: Promise<T>): Promise<T> {
    this.#pending.add(work);
    try {
      return await work;
    } finally {
      this.#pending.delete(work);
    }
  }
}

function wishOf({ ids, path, name, args, affected, input }: RunTestsParams): RunWish {
  const isChosen = ids !== undefined || path !== undefined || name !== undefined;
  return {
    ...(args === undefined ? {} : { args }),
    ...(affected === undefined ? {} : { affected }),
    ...(input === undefined ? {} : { input }),
    ...(isChosen ? { choice: { ids: ids ?? null, path: path ?? "", name: name ?? "" } } : {}),
  };
}

function noRun(run: string): RpcError {
  return new RpcError(RPC.noRun, `There is no run \`${run}\`, or it has ended.`);
}

function refusal({ code, sentence, next }: Problem): RpcError {
  return new RpcError(RPC.problem, sentence, { code, next });
}
