import type { Socket } from "node:net";
import type { RunOrder } from "../protocol/agent-messages.ts";
import type { AgentChannel } from "./agent-channel.ts";
import type { RunProcess } from "./run-process.ts";

/**
 * A leader that was forked before its run was asked for.
 *
 *     asked ──hello──▶ ready ──run──▶ taken
 *       │                │ └─held─▶ held ──go─▶ taken
 *       └──end of file───┴────────────┴───────▶ gone
 */
type SpareState =
  | { readonly kind: "asked" }
  | { readonly kind: "ready"; readonly channel: AgentChannel; readonly pid: number }
  | { readonly kind: "held"; readonly channel: AgentChannel; readonly pid: number; readonly run: object }
  | { readonly kind: "taken" | "gone" };

/** Waits beside a tip, so that the next run does not wait for a fork. */
export class Spare {
  readonly id: string;
  #state: SpareState = { kind: "asked" };
  /** The leader's output streams: it connects them before its run is known. */
  readonly #streams = new Map<"stdout" | "stderr", Socket>();

  constructor(id: string) {
    this.id = id;
  }

  /** Whether it will never lead: it was let go, or died while it waited. */
  get isGone(): boolean {
    return this.#state.kind === "gone";
  }

  get isReady(): boolean {
    return this.#state.kind === "ready";
  }

  /** Whether it gets ready for this run, which has not been handed to it. */
  isHeldFor(run: object): boolean {
    return this.#state.kind === "held" && this.#state.run === run;
  }

  /** The leader has connected; false where it is not waited for. */
  attach(channel: AgentChannel, pid: number): boolean {
    if (this.#state.kind !== "asked") return false;
    this.#state = { kind: "ready", channel, pid };
    channel.listen({
      onMessage: () => {},
      onClose: () => {
        if (this.#state.kind !== "taken") this.#state = { kind: "gone" };
      },
    });
    return true;
  }

  /** One of the leader's output streams has connected; false where it had done so before, and this is somebody else. */
  addStream(stream: "stdout" | "stderr", socket: Socket): boolean {
    if (this.#streams.has(stream)) return false;
    this.#streams.set(stream, socket);
    socket.pause();
    return true;
  }

  /** Lets the leader get ready for a run that will be handed to it, or to another process. */
  hold(run: object, order: RunOrder): void {
    if (this.#state.kind !== "ready") return;
    this.#state = { ...this.#state, kind: "held", run };
    this.#state.channel.send(order);
  }

  /** Hands the leader to a run: one that is ready, or held for this very run. */
  lead(run: RunProcess, order: RunOrder): void {
    if (this.#state.kind !== "ready" && this.#state.kind !== "held")
      throw new Error(`Expected a spare that is ready, got one that is ${this.#state.kind}.`);
    const { channel, pid, kind } = this.#state;
    this.#state = { kind: "taken" };
    run.attach(channel, pid);
    for (const [stream, socket] of this.#streams) {
      // The requester has a terminal for it: the leader has closed its end.
      if (!run.addStream(stream, socket)) socket.destroy();
    }
    this.#streams.clear();
    channel.send(kind === "held" ? { type: "go" } : order);
  }

  /** Lets the leader go: it leaves when its connection ends. */
  end(): void {
    if (this.#state.kind === "ready" || this.#state.kind === "held") this.#state.channel.destroy();
    for (const socket of this.#streams.values()) socket.destroy();
    if (this.#state.kind !== "taken") this.#state = { kind: "gone" };
  }
}
