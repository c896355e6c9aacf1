import { relative } from "node:path";
import type { Segment } from "../../graph/segment.ts";
import type { AgentMessage, AgentOrder, RunOrder, TimelineEvent } from "../../protocol/agent-messages.ts";
import type { RunEvent, RunRecord, Selection, Way } from "../../protocol/events.ts";
import type { NodeId, RunId } from "../../protocol/ids.ts";
import { isNodeMessage } from "../../protocol/node-schema.ts";
import { leakWarning } from "../../report/describe-leaks.ts";
import { workaroundWarning } from "../../report/workaround-warning.ts";
import type { RunListener } from "../../worker/run-process.ts";
import type { Patch, TrunkProcess } from "../../worker/trunk-process.ts";
import { RunOnNodes } from "../nodes/run-on-nodes.ts";
import type { Freshness } from "../timelines/freshness.ts";
import type { Findings } from "../timelines/patching.ts";
import { codeKey } from "./code-key.ts";
import { HandOut } from "./hand-out.ts";
import { HostDoor } from "./host-door.ts";
import { testCost } from "./measured.ts";
import type { RunRequest, RunServices } from "./run-request.ts";

/** Fewer tests are told one by one: nobody is to wait for the end of a run. */
const MANY_TESTS = 16;

type Finished = Omit<Extract<AgentMessage, { type: "finished" }>, "type">;

/** One run as it goes: turns the leader's messages into events, and counts what is missing. */
export class Run implements RunListener, Disposable {
  readonly id: string;
  readonly request: RunRequest;
  /** pytest's rootdir, to which node ids are relative; null until a trunk for this run is there. */
  root: string | null = null;
  /** What led it last; null where nothing of it was to be kept. */
  tip: TrunkProcess | null = null;
  /** Tells the code that it runs, as `codeKey` does; null where nothing is kept. */
  code: () => string | null = () => null;
  /** What was found in the files that were edited. */
  readonly findings: Findings = new Map();
  hasToldEdit = false;
  readonly #startedMs = performance.now();
  readonly #unfinished = new Set<string>();
  #firstTestMs: number | null = null;
  #tests = 0;
  /** The tests that run just now, by worker. */
  readonly #running = new Map<string, string>();
  #way: Way = "cold";
  #reason = "";
  /** Modules that were loaded before the checkpoint that it was resumed from. */
  #kept = 0;
  #patched = 0;
  #notKept = "nothing that fits is kept";
  #executing = "pytest";
  #hasGrown = false;
  #importing = "";

  readonly #handOut: HandOut;

  readonly #hostDoor: HostDoor;
  /** The part of it that is on nodes; null where it has none. */
  readonly nodes: RunOnNodes | null;
  /** Sends an order to its leader. */
  tellLeader: (order: AgentOrder) => void = () => {};

  constructor(id: string, request: RunRequest, { history, hosts, root: projectRoot }: RunServices) {
    this.id = id;
    this.request = request;
    const { python } = request.launch;
    const durationsOf = (root: string, ids: readonly NodeId[]) => history.durationsOf({ python, root }, ids);
    this.#handOut = new HandOut((ids) => (this.root === null ? new Map() : durationsOf(this.root, ids)), {
      asksOnly: request.measure === "workers",
      isWatched: request.narrowing !== null,
      onCount: (count, why) => {
        if (request.measure !== undefined || request.narrowing !== null)
          request.onEvent({ type: "workers", count, why });
      },
    });
    this.#hostDoor = new HostDoor(hosts);
    const { onNodes, launch, requester, workers, choice, narrowing, measure } = request;
    const isNarrowed = narrowing !== null || choice.ids !== null || choice.path !== "" || choice.name !== "";
    this.nodes =
      onNodes === undefined
        ? null
        : new RunOnNodes(
            id as RunId,
            onNodes.reached,
            onNodes.wish,
            { root: projectRoot, launch, requester, workers, isNarrowed, narrowing, measure },
            {
              toLeader: (order) => this.tellLeader(order),
              onEvent: request.onEvent,
              durationsOf: (ids) => (this.root === null ? new Map() : durationsOf(this.root, ids)),
            },
          );
    request.bridge?.onLeader((order) => this.tellLeader(order));
  }

  /** It is over, however it ended. */
  [Symbol.dispose](): void {
    this.#hostDoor.end();
    this.nodes?.[Symbol.dispose]();
  }

  /** The tip of this timeline leads it. `root` is pytest's rootdir. */
  leadsFrom(root: string, tip: TrunkProcess, freshness: Freshness): void {
    this.root = root;
    this.tip = tip;
    this.code = () => codeKey(tip, freshness);
    // Before the leader has its order: it writes to the requester's terminal by itself.
    if (this.#hasGrown) this.request.onProgress("");
    this.request.narrowing?.leadsFrom(freshness.line(tip), this.#surroundings(tip, freshness), root);
  }

  /** What no segment of a timeline tells, and all tests may depend on. */
  #surroundings(tip: TrunkProcess, freshness: Freshness): ReadonlyMap<string, string> {
    const named = this.request.settings.named;
    return new Map([["installed packages", freshness.installedBefore(tip)], ...named]);
  }

  /** The order for a leader of this run; a refused leader's successor needs an id of its own. A held one waits for `go`. */
  order(leaderId: string, isHeld = false): RunOrder {
    const { launch, requester, choice, native, narrowing, workers, debugpy, measure, repeat, bridge } = this.request;
    return {
      type: "run",
      id: leaderId,
      args: launch.args,
      ...(launch.argv && { argv: launch.argv }),
      env: requester.env,
      umask: requester.umask,
      requesterPid: requester.pid,
      terminals: requester.terminals,
      choice,
      native,
      isHeld,
      isWatched: narrowing !== null || bridge?.node.isWatched === true,
      workers,
      ...(debugpy && { debugpy }),
      ...(measure && { measure }),
      ...(this.nodes && { onNodes: { testRun: this.nodes.testRun } }),
      ...(bridge && { node: bridge.node }),
      ...(repeat && { repeat }),
    };
  }

  /** The streams that come through the daemon. */
  get relayed(): readonly ("stdout" | "stderr")[] {
    const { terminals } = this.request.requester;
    return (["stdout", "stderr"] as const).filter((stream) => terminals[stream] === undefined);
  }

  /** A timeline for this run has come so far. */
  growing(events: readonly TimelineEvent[]): void {
    this.#hasGrown = true;
    for (const [kind, name, path] of events) {
      if (kind === "library") this.#importing = ` is importing ${name.split(".", 1)[0]}`;
      else if (path !== null && kind !== "open") {
        this.#executing = relative(this.request.requester.cwd, path);
        this.#importing = "";
      }
    }
    this.request.onProgress(`starting · ${this.#executing}${this.#importing}`);
  }

  /** How this run is served, and why so. */
  served(way: Way, reason: string): void {
    this.#way = way;
    this.#reason = reason;
  }

  /** It is served by a tip in which functions were replaced. */
  patched(patch: Patch, reason: string): void {
    this.served("patched", reason);
    this.#patched = patch.reduce((sum, { functions }) => sum + functions, 0);
  }

  /** It is served from a checkpoint that has loaded this. */
  resumed(reason: string, kept: readonly Segment[]): void {
    this.served("resumed", reason);
    this.#kept = kept.reduce((sum, { modules }) => sum + modules, 0);
  }

  /** Why what is kept cannot serve it; the last reason counts. */
  notFrom(reason: string): void {
    this.#notKept = reason;
  }

  get notKept(): string {
    return this.#notKept;
  }

  /** The test that was running when the leader died. */
  get running(): string | undefined {
    return [...this.#running.values()].at(0);
  }

  /** How many tests were collected for it. */
  get tests(): number {
    return this.#tests;
  }

  /** How many of them have no outcome yet. */
  get unfinished(): number {
    return this.#unfinished.size;
  }

  get hasManyLeft(): boolean {
    return this.#unfinished.size > MANY_TESTS;
  }

  async onOutput(stream: "stdout" | "stderr", chunk: Buffer): Promise<void> {
    await this.request.onOutput(stream, chunk);
  }

  async choose(): Promise<readonly number[] | null> {
    return this.request.narrowing?.choose(this.request.onEvent) ?? null;
  }

  /** The same as `answersTo`, where the answer takes its time. */
  answersLater(message: AgentMessage): Promise<AgentOrder> | undefined {
    return this.#hostDoor.answer(message);
  }

  /** What the leader is told in answer to a message; nothing for most of them. */
  answersTo(message: AgentMessage): readonly AgentOrder[] {
    const { bridge } = this.request;
    if (this.nodes === null && bridge === undefined) return this.#handOut.answersTo(message);
    // Which test a place is, it knows all the same.
    if (message.type === "collected") this.#handOut.answersTo(message);
    this.nodes?.onLeader(message);
    if (bridge !== undefined && isNodeMessage(message)) bridge.tell(message);
    return [];
  }

  onMessage(message: AgentMessage): void {
    const { onEvent } = this.request;
    this.request.narrowing?.onMessage(message);
    switch (message.type) {
      case "leading":
        this.request.onProgress("");
        onEvent({
          type: "run-started",
          run: this.id as RunId,
          way: this.#way,
          reason: this.#reason,
          selection: this.#selection,
        });
        break;
      case "collected":
        this.#tests += message.ids.length;
        for (const id of message.ids) this.#unfinished.add(id);
        onEvent({ type: "collected", ids: message.ids as NodeId[] });
        break;
      case "collect-failed":
        onEvent({ type: "collect-failed", id: message.id, text: message.text });
        break;
      case "started":
        this.#started(message.id);
        break;
      case "debugging":
        onEvent(stopped(message, this.running));
        break;
      case "debugged":
        onEvent({ type: "debugger", place: null, id: null });
        break;
      case "finished":
        this.#finished(message);
        break;
      case "repeated":
        this.#running.clear();
        onEvent({ type: "repeated", exit: message.exit });
        break;
      case "measured":
        onEvent({ type: "measured", test: testCost(message) });
        break;
      case "executed":
        onEvent({ ...message, id: message.id as NodeId });
        break;
      case "worked":
        for (const [place, outcome, durationMs] of message.tests) {
          const id = this.#handOut.idAt(place);
          if (id !== undefined) this.#finished({ id, outcome, durationMs, worker: message.worker });
        }
        this.#started(this.#handOut.idAt(message.running ?? -1), message.worker);
        break;
      case "leaked":
        onEvent(leakWarning(message.leaks, message.more));
        break;
      case "workaround-failed":
        onEvent(workaroundWarning(message.failures));
        break;
      default:
        break;
    }
  }

  #started(id: string | undefined, worker?: string): void {
    if (id === undefined || this.#running.get(worker ?? "") === id) return;
    this.#firstTestMs ??= this.elapsedMs();
    this.#running.set(worker ?? "", id);
    this.request.onEvent({ type: "test-started", id: id as NodeId, ...by(worker) });
  }

  #finished({ id, outcome, durationMs, text, worker }: Finished): void {
    // Quick tests of a worker are told together when they have ended.
    if (worker !== undefined) this.#started(id, worker);
    this.request.narrowing?.finished(id, outcome, worker ?? "");
    this.#running.delete(worker ?? "");
    this.#unfinished.delete(id);
    const test = { id: id as NodeId, outcome, durationMs, text, ...by(worker) };
    this.request.onEvent({ type: "test-finished", ...test });
  }

  // Plain pytest runs all that its command line says.
  get #selection(): Selection {
    const { ids, path, name } = this.request.choice;
    if (this.#way === "plain") return "all";
    if (this.request.narrowing?.isNarrowing === true) return "affected";
    return ids === null && path === "" && name === "" ? "all" : "chosen";
  }

  elapsedMs(): number {
    return performance.now() - this.#startedMs;
  }

  /** The verdict with this exit code. */
  record(exit: number | null, modules: number, coldMs: number | null, unfinished = 0): RunRecord {
    return {
      exit,
      way: this.#way,
      reason: this.#reason,
      durationMs: this.elapsedMs(),
      firstTestMs: this.#firstTestMs,
      tests: this.#tests,
      modules,
      ...(this.#way === "resumed" && modules > 0 ? { reimported: modules - this.#kept } : {}),
      ...(this.#way === "patched" ? { patched: this.#patched } : {}),
      coldMs,
      unfinished,
    };
  }
}

function by(worker: string | undefined): { readonly worker?: string } {
  return worker === undefined ? {} : { worker };
}

/** A test has stopped in a debugger; `running` is the one that runs where one process runs all. */
function stopped(
  { place, worker, test, waiting }: Extract<AgentMessage, { type: "debugging" }>,
  running: string | undefined,
): RunEvent {
  const id = (test ?? running ?? null) as NodeId | null;
  return { type: "debugger", place, id, ...by(worker), ...(waiting === undefined ? {} : { waiting }) };
}
