import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import type {
  AgentMessage,
  Ahead,
  Cuts,
  PatchOrder,
  ResumeOrder,
  RunOrder,
  TimelineEvent,
} from "../protocol/agent-messages.ts";
import type { Launch, Requester } from "../protocol/api.ts";
import type { TimelineSettings } from "../protocol/timeline-settings.ts";
import type { AgentChannel } from "./agent-channel.ts";
import { ChildrenEnds } from "./children-ends.ts";
import { folderIdentity } from "./folder-identity.ts";
import type { RunProcess } from "./run-process.ts";
import { startOrder } from "./start-order.ts";
import { type Ended, type Growth, type Tip, TrunkProcess } from "./trunk-process.ts";

/** What a new timeline is started with. */
export interface TrunkStart {
  readonly id: string;
  readonly launch: Launch;
  readonly requester: Requester;
  readonly stateFolder: string;
  readonly agentFolder: string;
  readonly cuts: Cuts;
  readonly edited: readonly string[];
  readonly ahead: Ahead;
  readonly settings: TimelineSettings;
}

/** Who is told what a trunk's processes load. */
export interface TrunkListener {
  readonly onEvents: (trunk: Trunk, process: TrunkProcess, events: readonly TimelineEvent[]) => void;
  /** A process has parked: it has told all that it loaded. */
  readonly onParked: (process: TrunkProcess) => void;
  readonly onTip: (trunk: Trunk, process: TrunkProcess, tip: Tip) => void;
}

/** The processes of one timeline: a tree, since every resumed checkpoint begins another branch. */
export class Trunk {
  readonly id: string;
  readonly start: TrunkStart;
  /** The process in which the timeline begins. */
  readonly first: TrunkProcess;
  readonly #listener: TrunkListener;
  readonly #processes = new Map<string, TrunkProcess>();
  /** Who waits for the process that carries a timeline on: handed from each parking process to its fork. */
  readonly #growing = new Map<string, (growth: Growth) => void>();
  readonly #ends = new ChildrenEnds();
  #root: ChildProcess | undefined;
  #startFault = "";
  #plain: RunOrder | null = null;
  #run: RunOrder | undefined;
  /** Command lines for which this trunk said that a cold run would be another one. */
  readonly refused = new Set<string>();
  lastUsedMs = Date.now();
  /** The process that led the last run, or from which its leader was forked. */
  lastLed: TrunkProcess | undefined;
  /** Who shows what is being imported, while somebody waits for it. */
  onProgress: ((events: readonly TimelineEvent[]) => void) | undefined;
  /** Settles when a tip that is being prepared ahead of a run is there. */
  preparing: Promise<void> | undefined;
  /** How many tests the largest run from this trunk had. */
  tests = 0;
  #runs = 0;
  #onIdle: (() => void) | undefined;

  /** Which folder the working directory was: another one can have taken its path since. */
  readonly folder: string;

  constructor(start: TrunkStart, listener: TrunkListener) {
    this.folder = folderIdentity(start.requester.cwd);
    this.id = start.id;
    this.start = start;
    this.#listener = listener;
    this.first = this.#add(start.id, null, start.requester.env);
  }

  /** The live processes, in the order of their forks. */
  get processes(): readonly TrunkProcess[] {
    return [...this.#processes.values()];
  }

  /** Starts Python, and resolves when the timeline has reached its tip or ended before. */
  async grow(plain: RunOrder | null = null): Promise<Growth> {
    this.#plain = plain;
    return this.#begin();
  }

  /** Starts Python with a program that `leader` follows, and resolves when that has ended. */
  async startProgram(leader: RunProcess, run: RunOrder): Promise<Growth> {
    this.#run = run;
    this.#lead(this.first, leader);
    return this.#begin();
  }

  /** The process that the program goes on in, or went on in last. */
  running: TrunkProcess | undefined;

  #lead(process: TrunkProcess, leader: RunProcess): void {
    process.lead = leader;
    this.running = process;
    leader.answer = (order) => process.send(order);
    if (process.pid !== 0) leader.runsIn(process.pid);
  }

  async #begin(): Promise<Growth> {
    const { launch, requester, stateFolder, agentFolder } = this.start;
    const { first } = this;
    const growth = this.#await(first);
    const words = [
      ...(launch.flags ?? []),
      join(agentFolder, "prewarm", "__main__.py"),
      join(stateFolder, "agent.sock"),
      this.id,
    ];
    const { cwd, env } = requester;
    try {
      this.#root = spawn(launch.python, words, { cwd, env, stdio: ["ignore", "ignore", "ignore"], detached: true });
    } catch (error) {
      // No path, no folder or no variable can be what was asked for.
      this.#startFault = String(error);
      this.#gone(first);
      return growth;
    }
    this.#root.on("error", (error) => {
      this.#startFault = error.message;
      this.#gone(first);
    });
    this.#root.on("exit", () => this.#gone(first));
    return growth;
  }

  /** Lets a checkpoint carry on in a fork; resolves when that has reached its tip or ended before. A program has a `leader`. */
  async resume(from: TrunkProcess, order: ResumeOrder, leader?: RunProcess): Promise<Growth> {
    return this.#carryOn(from, order, order.env, leader);
  }

  /** Lets a tip fork a child in which edited functions are replaced; resolves with that tip, or why there is none. */
  async patch(tip: TrunkProcess, order: PatchOrder): Promise<Growth> {
    return this.#carryOn(tip, order, tip.env);
  }

  async #carryOn(
    from: TrunkProcess,
    order: ResumeOrder | PatchOrder,
    env: TrunkProcess["env"],
    leader?: RunProcess,
  ): Promise<Growth> {
    const waiting = from.ahead?.id === order.id ? from.ahead : undefined;
    const child = waiting ?? this.#add(order.id, from, env);
    child.leads = order.leads;
    if (leader !== undefined) this.#lead(child, leader);
    const growth = this.#await(child);
    if (waiting === undefined) from.sendFork(order, order.id, () => this.#forget(child));
    else {
      from.ahead = undefined;
      child.begins(env);
      child.send(order);
    }
    return growth;
  }

  /** Lets a parked process fork a child with this id ahead of its next order; `args` are what that is likely to collect. */
  forkAhead(from: TrunkProcess, id: string, args: readonly string[]): void {
    const child = this.#add(id, from, from.env);
    from.ahead = child;
    from.sendFork({ type: "ready", id, args }, id, () => this.#forget(child));
  }

  /** A process of this trunk has connected; false where nobody waits for it. */
  connected(channel: AgentChannel, id: string, pid: number): boolean {
    const process = this.#processes.get(id);
    if (process === undefined || process.pid !== 0) return false;
    process.attach(channel, pid);
    channel.listen({
      onMessage: (message) => this.#onMessage(process, message),
      onClose: () => this.#gone(process),
    });
    process.parent?.hasForked(id);
    process.send(process.parent === null ? startOrder(this.start, this.#plain, this.#run) : { type: "welcome" });
    return true;
  }

  /** Asks a process how a child of its ended; resolves with null where it cannot tell. */
  async reap(parent: TrunkProcess, pid: number): Promise<Ended | null> {
    if (!parent.isParked) return null;
    return this.#ends.of(pid, () => parent.send({ type: "reap", pid }));
  }

  /** What a process wrote before its tip, for the report of a crash. */
  outputOf(process: TrunkProcess): { readonly stdout: Buffer; readonly stderr: Buffer } {
    const read = (stream: string) => {
      try {
        return readFileSync(join(this.start.stateFolder, `${process.id}.${stream}`));
      } catch {
        return Buffer.alloc(0);
      }
    };
    return { stdout: read("out"), stderr: read("err") };
  }

  /** Ends a process and everything that was forked from it. */
  prune(from: TrunkProcess): void {
    for (const process of this.processes) {
      if (process.lineage().includes(from)) {
        process.end();
        this.#forget(process);
      }
    }
  }

  /** Ends the process that carries on after the resume with this id. */
  abandon(id: string): void {
    for (const process of this.processes) {
      if (process.lineage().some((each) => each.id === id)) process.kill();
    }
    // One that has not connected is not welcome any more.
    const asked = this.#processes.get(id);
    if (asked?.pid === 0) asked.parent?.hasLost(id);
  }

  /** Ends a parked process alone; what was forked from it lives on. */
  endAlone(process: TrunkProcess): void {
    process.end();
    this.#forget(process);
  }

  /** A process serves a run: it and those before it are worth keeping. */
  use(process: TrunkProcess): void {
    this.lastUsedMs = Date.now();
    this.lastLed = process;
    // The tip last: of one line, what is nearest to it goes last.
    for (const [place, each] of process.lineage().entries()) each.lastUsedMs = this.lastUsedMs + place / 1000;
  }

  /** A run begins on this trunk; call what this returns when it is over. */
  begin(): () => void {
    this.#runs += 1;
    return () => {
      this.#runs -= 1;
      if (this.#runs === 0) this.#onIdle?.();
    };
  }

  /** Calls back when no run is under way: at once, or when the last one is over. */
  whenIdle(act: () => void): void {
    if (this.#runs === 0) act();
    else this.#onIdle = act;
  }

  /** Ends all processes. */
  end(): void {
    for (const process of this.processes) {
      process.end();
      this.#forget(process);
    }
    this.#root?.kill("SIGKILL");
  }

  #add(id: string, parent: TrunkProcess | null, env: Readonly<Record<string, string>>): TrunkProcess {
    const process = new TrunkProcess(id, parent, env);
    this.#processes.set(id, process);
    return process;
  }

  async #await(process: TrunkProcess): Promise<Growth> {
    return new Promise((resolve) => this.#growing.set(process.id, resolve));
  }

  #settle(process: TrunkProcess, growth: Growth): void {
    const resolve = this.#growing.get(process.id);
    this.#growing.delete(process.id);
    resolve?.(growth);
  }

  #onMessage(process: TrunkProcess, message: AgentMessage): void {
    switch (message.type) {
      case "timeline":
        this.#listener.onEvents(this, process, message.events);
        break;
      case "parked": {
        process.state = { kind: "parked", at: message.at, sinceMs: Date.now() };
        const child = this.#add(message.child, process, process.env);
        const waiting = this.#growing.get(process.id);
        this.#growing.delete(process.id);
        if (waiting !== undefined) this.#growing.set(child.id, waiting);
        this.#passLead(process, child);
        this.#listener.onParked(process);
        break;
      }
      case "unparked":
        this.#onUnparked(process, message.child);
        break;
      case "tip":
        process.state = { kind: "tip", tip: message, sinceMs: Date.now() };
        this.#listener.onTip(this, process, message);
        this.#listener.onParked(process);
        this.#settle(process, { kind: "tip", process, tip: message });
        break;
      case "ended-early":
        this.#settle(process, {
          kind: "ended",
          exit: message.exit,
          stdout: message.stdout,
          stderr: message.stderr,
        });
        break;
      case "not-warm":
        this.#settle(process, { kind: "not-warm", reason: message.reason });
        break;
      case "not-ahead":
        this.#settle(process, { kind: "not-ahead", reason: message.reason });
        break;
      case "patched":
        process.patch = message.files;
        break;
      case "not-patched":
        this.#settle(process, { kind: "not-patched", file: message });
        break;
      case "no-pytest":
        this.#settle(process, { kind: "no-pytest", reason: message.reason });
        break;
      case "reaped":
        this.#ends.tell(message.pid, message);
        break;
      default:
        // This process may not fork, or keeps nothing: it leads a run itself.
        process.lead?.onMessage(message);
        break;
    }
  }

  // A program goes on in the fork of each checkpoint that it leaves.
  #passLead(from: TrunkProcess, to: TrunkProcess): void {
    const { lead } = from;
    if (lead === undefined) return;
    from.lead = undefined;
    lead.movesOn();
    this.#lead(to, lead);
  }

  // There was no room for another process: one that wanted to park runs on, one that was to be resumed stays parked.
  #onUnparked(process: TrunkProcess, childId: string): void {
    if (!childId.startsWith(`${process.id}.`)) {
      process.hasLost(childId);
      return;
    }
    const waiting = this.#growing.get(childId);
    const child = this.#processes.get(childId);
    if (child !== undefined) this.#passLead(child, process);
    this.#growing.delete(childId);
    this.#processes.delete(childId);
    process.state = { kind: "running" };
    if (waiting !== undefined) this.#growing.set(process.id, waiting);
  }

  #gone(process: TrunkProcess): void {
    if (process.state.kind === "gone") return;
    // It may have closed its connection and live on.
    process.kill();
    process.state = { kind: "gone" };
    if (process.isAhead && process.parent !== null) process.parent.ahead = undefined;
    this.#processes.delete(process.id);
    process.hasLost();
    for (const child of this.processes) if (child.parent === process && child.pid === 0) this.#forget(child);
    process.lead?.onClose();
    const ended = process.parent === null ? this.#rootEnd() : this.reap(process.parent, process.pid);
    void ended.then((known) => {
      const hasStarted = process.parent !== null || process.pid !== 0;
      const reason =
        this.#startFault ||
        `it ended at once, with ${known?.exit == null ? `signal ${known?.signal}` : `exit code ${known.exit}`}`;
      this.#settle(process, hasStarted ? { kind: "died", process, ended: known } : { kind: "not-started", reason });
    });
  }

  async #rootEnd(): Promise<Ended | null> {
    const root = this.#root;
    if (root === undefined || root.pid === undefined) return null;
    if (root.exitCode === null && root.signalCode === null) await once(root, "exit");
    return { exit: root.exitCode, signal: root.signalCode === null ? null : constants.signals[root.signalCode] };
  }

  #forget(process: TrunkProcess): void {
    this.#processes.delete(process.id);
    if (process.isAhead && process.parent !== null) process.parent.ahead = undefined;
    // Whoever waits for a fork that has not connected would wait for ever: if it comes, it is not welcome.
    if (process.pid === 0 && process.parent !== null) this.#settle(process, { kind: "lost" });
    for (const stream of ["out", "err"])
      rmSync(join(this.start.stateFolder, `${process.id}.${stream}`), { force: true });
  }
}
