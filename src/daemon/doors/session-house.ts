import { failed } from "../../base/result.ts";
import type { ApiAnswer, Choice, DaemonStatus, Launch, Requester, WorkersWish } from "../../protocol/api.ts";
import type { DoorEnd, DoorRun, RunWatcher, RunWish } from "../../protocol/door.ts";
import { problem } from "../../protocol/errors.ts";
import type { NodeId } from "../../protocol/ids.ts";
import type { Suite } from "../../store/suite.ts";
import type { House, RunBegin } from "../../surfaces/http/house.ts";
import type { Session } from "../session.ts";
import { trunkKey } from "../timelines/trunk-key.ts";
import { argumentsKey } from "../timelines/trunk-shelf.ts";
import { explainLast } from "../watching/explain-last.ts";
import type { LiveWatch } from "../watching/live-watches.ts";
import { OnDemand } from "./on-demand.ts";
import { openEditor } from "./open-editor.ts";
import { pastForPage } from "./past.ts";

/** What a served command is, and who has asked for it: its surroundings are those of every run. */
export interface Served {
  readonly launch: Launch;
  readonly requester: Requester;
  readonly workers: WorkersWish;
  readonly settings?: Readonly<Record<string, string>> | undefined;
}

/** A session as a surface in this very process asks it: the same runs, on the same way, as for a connection. */
export class SessionHouse implements House, Disposable {
  readonly isModule: boolean;
  readonly root: string;
  readonly status: () => Promise<DaemonStatus>;
  readonly #session: Session;
  readonly #served: Served;
  readonly #onDemand: OnDemand;
  readonly #closed = new AbortController();

  constructor(session: Session, served: Served, status: () => Promise<DaemonStatus>) {
    this.#session = session;
    this.#served = served;
    this.#onDemand = new OnDemand(session);
    this.root = session.places.root;
    this.isModule = served.launch.isModule;
    this.status = status;
  }

  start(wish: RunWish, watcher: RunWatcher = {}): DoorRun {
    return this.startNamed(wish, watcher, () => {});
  }

  startNamed(wish: RunWish, watcher: RunWatcher, onBegin: (run: string) => void): DoorRun {
    const interrupted = new EventTarget();
    const end = Promise.withResolvers<DoorEnd>();
    const send = (answer: ApiAnswer): void => {
      if (answer.type === "event") watcher.onEvent?.(answer.event);
      if (answer.type === "failed") end.resolve({ kind: "failed", problem: answer.problem });
      if (answer.type === "finished") {
        end.resolve({ kind: "finished", record: answer.record, problem: answer.problem });
      }
    };
    // Each run has gone when it has its answer: nothing then waits for it.
    const gone = new AbortController();
    void end.promise.then(() => gone.abort());
    const host = {
      ...{ interrupted, send, onBegin, gone: AbortSignal.any([this.#closed.signal, gone.signal]) },
      sendOutput: async (stream: "stdout" | "stderr", chunk: Buffer) => watcher.onOutput?.(stream, chunk),
    };
    const { launch, requester, workers, settings } = this.#served;
    const { choice, affected } = wish;
    void this.#onDemand
      .run(
        {
          ...{
            type: "run",
            launch: { ...launch, args: this.beginOf(wish).args },
            requester,
            workers,
            settings,
            choice,
            affected,
          },
          ...{ watch: false, all: false, events: watcher.onEvent !== undefined, native: true, plain: "" },
        },
        host,
      )
      .catch((error: unknown) => {
        this.#session.places.log(`fault: ${error instanceof Error ? error.stack : String(error)}`);
      })
      .finally(() => {
        const reason = problem("internal", "prewarm itself failed.", "prewarm logs");
        end.resolve({ kind: "failed", problem: reason });
      });
    return { finished: end.promise, cancel: () => interrupted.dispatchEvent(new Event("interrupt")) };
  }

  isWatched(): boolean {
    return this.#watch !== undefined;
  }

  again(choice: Choice): boolean {
    const watch = this.#watch;
    watch?.again(choice);
    return watch !== undefined;
  }

  interruptWatch(run: string): boolean {
    const watch = this.#session.watches.live.withRun(run);
    watch?.interrupt();
    return watch !== undefined;
  }

  beginOf({ args, more = [] }: RunWish): RunBegin {
    const { launch, requester } = this.#served;
    return { args: [...(args ?? launch.args), ...more], cwd: requester.cwd };
  }

  async why(about: string) {
    return explainLast(this.#session, about);
  }

  async failures() {
    return this.#session.runLog.failures;
  }

  listen(listener: Parameters<House["listen"]>[0]): () => void {
    return this.#session.runLog.tap((run, event, { launch, requester }) =>
      listener(run, event, { args: launch.args, cwd: requester.cwd }),
    );
  }

  standing(): ReturnType<House["standing"]> {
    const { launch, requester } = this.#served;
    const last = this.#session.lastRun.tell(this.#session.freshness);
    const nothing = { tests: [], run: null };
    if (last === null || last.requester.cwd !== requester.cwd) return nothing;
    if (argumentsKey(last.launch) !== argumentsKey(launch) || last.launch.python !== launch.python) return nothing;
    const failures = new Map(this.#session.runLog.failures.map((each) => [each.id, each]));
    const [broken, known] = partition(Object.entries(last.outcomes), ([id]) => id.startsWith("collect:"));
    // Files have changed since: no outcome is one of now.
    const isOld = last.changed !== null;
    const durationOf = (id: string) => this.#session.lastRun.durationOf(id) ?? 0;
    const tests = [
      ...known.map(([id, outcome]) => {
        const hasFailed = outcome === "failed" || outcome === "error";
        const failure = (hasFailed && failures.get(id)) || null;
        return { id, outcome, durationMs: durationOf(id), isOutdated: isOld, failure };
      }),
      ...last.outdated.map((id) => ({ id, outcome: undefined, durationMs: 0, isOutdated: true, failure: null })),
    ];
    const { record, selection } = last;
    if (isOld || selection === "affected") return { tests, run: null };
    const files = broken.map(([id]) => id.slice("collect:".length));
    const told = files.map((id) => ({ id, text: failures.get(id)?.text ?? "" }));
    return { tests, run: { record, selection, broken: told } };
  }

  lastOutcomes(): ReturnType<House["lastOutcomes"]> {
    return this.#suites.flatMap((suite) => [...this.#session.history.lastOutcomes(suite)]);
  }

  pastOf(id: string, most: number): ReturnType<House["pastOf"]> {
    return this.#suites.flatMap((suite) => this.#session.history.recentOutcomes(suite, id as NodeId, most));
  }

  testRoot(): string {
    return this.#suites.find(({ python }) => python === this.#served.launch.python)?.root ?? this.root;
  }

  async openEditor(place: Parameters<House["openEditor"]>[0]): ReturnType<House["openEditor"]> {
    const { requester, settings } = this.#served;
    const configured = await this.#session.configuration.values(requester.env, settings);
    if (!configured.ok) {
      const { sentence, next } = configured.error;
      return failed({ kind: "no-editor", sentence, next });
    }
    return openEditor(place, [this.testRoot(), this.root], configured.value.editor, requester);
  }

  timeline(): ReturnType<House["timeline"]> {
    const { launch, requester } = this.#served;
    const key = argumentsKey(launch);
    const trunk = this.#session.trunks.find(
      ({ start }) => argumentsKey(start.launch) === key && start.requester.cwd === requester.cwd,
    );
    const steps = trunk === undefined ? [] : this.#session.timelines.of(trunkKey(trunk.start));
    return steps.map(({ kind, name, ownMs }) => ({ kind, name, ownMs }));
  }

  past(): ReturnType<House["past"]> {
    return pastForPage(this.#session);
  }

  edits(): ReturnType<House["edits"]> {
    return this.#session.history.edits();
  }

  history(most: number): ReturnType<House["history"]> {
    return this.#session.history.runs(most);
  }

  get #watch(): LiveWatch | undefined {
    const { launch, requester } = this.#served;
    return this.#session.watches.live.of(launch, requester.cwd);
  }

  /** Every interpreter and root of a trunk that has reached its tip: whose outcomes are remembered together. */
  get #suites(): readonly Suite[] {
    const suites = this.#session.trunks.flatMap(({ start, processes }) =>
      processes.flatMap(({ state }) =>
        state.kind === "tip" ? [{ python: start.launch.python, root: state.tip.root }] : [],
      ),
    );
    return [...new Map(suites.map((suite) => [`${suite.python}\0${suite.root}`, suite])).values()];
  }

  /** Ends its runs. */
  [Symbol.dispose](): void {
    this.#closed.abort();
    this.#onDemand[Symbol.dispose]();
  }
}

function partition<T>(all: readonly T[], isFirst: (each: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [all.filter(isFirst), all.filter((each) => !isFirst(each))];
}
