import type { AgentMessage, RunOrder } from "../../protocol/agent-messages.ts";
import { type Launch, NO_CHOICE, NO_WISH, type Requester } from "../../protocol/api.ts";
import type { RunEvent, RunRecord, Way } from "../../protocol/events.ts";
import type { TimelineSettings } from "../../protocol/timeline-settings.ts";
import type { RunListener } from "../../worker/run-process.ts";
import type { TrunkProcess } from "../../worker/trunk-process.ts";

/** A request to run a Python program that is no pytest, and whom to tell. */
export interface ProgramRequest {
  readonly launch: Launch;
  readonly requester: Requester;
  readonly isWatched: boolean;
  readonly settings: TimelineSettings;
  /** Takes output; more comes when what it returns has resolved. */
  readonly onOutput: (stream: "stdout" | "stderr", chunk: Buffer) => Promise<void>;
  readonly onEvent: (event: RunEvent) => void;
  /** The program goes on in this process, and has loaded more. */
  readonly onLoaded: (process: TrunkProcess) => void;
}

/** One run of a program: it tells nothing but what it writes. */
export class ProgramRun implements RunListener {
  readonly hasManyLeft = false;
  readonly id: string;
  readonly request: ProgramRequest;
  readonly #startedMs = performance.now();
  #way: Way = "cold";
  #reason = "";
  /** Modules that were loaded before the checkpoint that it was resumed from. */
  #kept = 0;

  constructor(id: string, request: ProgramRequest) {
    this.id = id;
    this.request = request;
  }

  /** How it is served: from nothing, or from a checkpoint that has loaded this many modules. */
  served(way: Way, reason: string, kept = 0): void {
    this.#way = way;
    this.#reason = reason;
    this.#kept = kept;
  }

  /** How it is served, and why so. */
  get begun(): { readonly way: Way; readonly reason: string } {
    return { way: this.#way, reason: this.#reason };
  }

  /** What the process is told that becomes the program. */
  order(id: string): RunOrder {
    const { launch, requester, isWatched } = this.request;
    return {
      ...{ type: "run", id, args: launch.args, env: requester.env, umask: requester.umask },
      ...{ requesterPid: requester.pid, terminals: requester.terminals, choice: NO_CHOICE, workers: NO_WISH },
      ...{ native: true, isHeld: false, isWatched },
    };
  }

  /** The streams that come through the daemon. */
  get relayed(): readonly ("stdout" | "stderr")[] {
    const { terminals } = this.request.requester;
    return (["stdout", "stderr"] as const).filter((stream) => terminals[stream] === undefined);
  }

  async onOutput(stream: "stdout" | "stderr", chunk: Buffer): Promise<void> {
    await this.request.onOutput(stream, chunk);
  }

  onMessage(message: AgentMessage): void {
    if (message.type !== "no-checkpoint") return;
    const { before, reason } = message;
    const text = `${reason}: ${before} and what follows are imported anew in each start.`;
    this.request.onEvent({ type: "warning", code: "no-checkpoint", text, next: "make it on first use" });
  }

  async choose(): Promise<null> {
    return null;
  }

  answersTo(): readonly [] {
    return [];
  }

  answersLater(): undefined {
    return undefined;
  }

  /** What it came to; `modules` are those of the project that were loaded. */
  record(exit: number | null, modules: number): RunRecord {
    return {
      ...{ exit, way: this.#way, reason: this.#reason, durationMs: performance.now() - this.#startedMs },
      ...{ firstTestMs: null, tests: 0, modules, coldMs: null, unfinished: 0 },
      ...(this.#way === "resumed" && modules > 0 ? { reimported: Math.max(0, modules - this.#kept) } : {}),
    };
  }
}
