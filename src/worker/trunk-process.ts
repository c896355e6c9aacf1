import type { AgentMessage, AgentOrder, CutPlace } from "../protocol/agent-messages.ts";
import type { AgentChannel } from "./agent-channel.ts";
import type { RunProcess } from "./run-process.ts";
import type { Spare } from "./spare.ts";

/** What is known of a trunk that has reached its tip. */
export type Tip = Extract<AgentMessage, { type: "tip" }>;

/** What was replaced in a process, file by file. */
export type Patch = Extract<AgentMessage, { type: "patched" }>["files"];

/** How a timeline ended that was started or resumed. */
export type Growth =
  | { readonly kind: "tip"; readonly process: TrunkProcess; readonly tip: Tip }
  | { readonly kind: "ended"; readonly exit: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: "not-warm"; readonly reason: string }
  | { readonly kind: "not-ahead"; readonly reason: string }
  /** What was edited cannot be replaced in a fork of the tip. */
  | Refusal
  | { readonly kind: "no-pytest"; readonly reason: string }
  | { readonly kind: "died"; readonly process: TrunkProcess; readonly ended: Ended | null }
  /** The interpreter is none, or ended before it said a word. */
  | { readonly kind: "not-started"; readonly reason: string }
  /** The checkpoint ended before anything was carried on. */
  | { readonly kind: "lost" };

/** Why an edit was not patched: the first file that stands against it. */
export interface Refusal {
  readonly kind: "not-patched";
  readonly file: Extract<AgentMessage, { type: "not-patched" }>;
}

/** How a process ended, as its parent saw it. */
export interface Ended {
  readonly exit: number | null;
  readonly signal: number | null;
}

/** What a process of a trunk is doing. */
export type TrunkState =
  | { readonly kind: "starting" }
  | { readonly kind: "running" }
  | { readonly kind: "parked"; readonly at: CutPlace; readonly sinceMs: number }
  | { readonly kind: "tip"; readonly tip: Tip; readonly sinceMs: number }
  | { readonly kind: "leading" }
  | { readonly kind: "gone" };

/**
 * One Python process of a trunk: it executes a segment of the timeline, and then parks.
 *
 *     starting ──hello──▶ running ──cut──▶ parked ──▶ (a fork runs on)
 *                            └──all collected──▶ tip ──run, where it may not fork──▶ leading
 *     every state ──end of file──▶ gone
 */
export class TrunkProcess {
  readonly id: string;
  readonly parent: TrunkProcess | null;
  #bornMs = Date.now();
  #env: Readonly<Record<string, string>>;
  /** Wall clock of the last run that this process or one after it served. */
  lastUsedMs = Date.now();
  /** A leader that waits for the next run from this tip. */
  spare: Spare | undefined;
  /** A fork of this process that was made before anybody needed it, to be resumed or patched in its place. */
  ahead: TrunkProcess | undefined;
  /** Whether it leads one run itself when it has come to its tip. */
  leads = false;
  /** Whether something that was loaded up to here was different at the last look. */
  isStale = false;
  pid = 0;
  /** Who follows the run that this process leads itself, if it does. */
  lead: RunProcess | undefined;
  state: TrunkState = { kind: "starting" };
  /** What was replaced in it when it was forked from a tip; null for a process that has imported all by itself. */
  patch: Patch | null = null;
  /** Forks that this process was asked for and that have not connected, and who has to hear when they never will. */
  readonly #asked = new Map<string, () => void>();
  #channel: AgentChannel | undefined;

  constructor(id: string, parent: TrunkProcess | null, env: Readonly<Record<string, string>>) {
    this.id = id;
    this.parent = parent;
    this.#env = env;
  }

  /** Wall clock (epoch, milliseconds) when this process began to load: what appears later, it has not seen. */
  get bornMs(): number {
    return this.#bornMs;
  }

  /** The environment in which this segment was executed. */
  get env(): Readonly<Record<string, string>> {
    return this.#env;
  }

  /** A process that was forked ahead begins only now. */
  begins(env: Readonly<Record<string, string>>): void {
    this.#bornMs = Date.now();
    this.#env = env;
  }

  /** The name of its next child, where that waits already; otherwise the one that is offered. */
  nextChildId(offered: () => string): string {
    return this.ahead?.state.kind === "running" ? this.ahead.id : offered();
  }

  /** Whether it was forked ahead of an order that has not come. */
  get isAhead(): boolean {
    return this.parent?.ahead === this;
  }

  /** The process has connected. */
  attach(channel: AgentChannel, pid: number): void {
    this.#channel = channel;
    this.pid = pid;
    this.state = { kind: this.lead === undefined ? "running" : "leading" };
    this.lead?.runsIn(pid);
  }

  send(order: AgentOrder): void {
    this.#channel?.send(order);
  }

  /** Sends an order to fork; `onLost` is called when this process ends or gives up before the fork has connected. */
  sendFork(order: AgentOrder, childId: string, onLost: () => void): void {
    this.#asked.set(childId, onLost);
    this.send(order);
  }

  /** A fork that this process was asked for has connected. */
  hasForked(childId: string): void {
    this.#asked.delete(childId);
  }

  /** There will be no such fork; without an id, none that is still waited for. */
  hasLost(childId?: string): void {
    const lost = childId === undefined ? [...this.#asked.keys()] : [childId];
    for (const id of lost) {
      const onLost = this.#asked.get(id);
      this.#asked.delete(id);
      onLost?.();
    }
  }

  /** Whether it was asked for a fork that has not connected yet. */
  get isForking(): boolean {
    return this.#asked.size > 0;
  }

  /** Whether it can be resumed or asked for a run. */
  get isParked(): boolean {
    return this.state.kind === "parked" || this.state.kind === "tip";
  }

  /** This process and those from which it was forked, the oldest first. */
  lineage(): readonly TrunkProcess[] {
    return this.parent === null ? [this] : [...this.parent.lineage(), this];
  }

  /** Ends the process. A parked one leaves by itself; one that is busy is killed. */
  end(): void {
    this.spare?.end();
    if (this.state.kind === "gone") return;
    if (this.isParked) this.send({ type: "exit" });
    else this.kill();
  }

  kill(): void {
    if (this.pid === 0 || this.state.kind === "gone") return;
    try {
      process.kill(this.pid, "SIGKILL");
    } catch {
      // It has gone by itself in this moment.
    }
  }
}
