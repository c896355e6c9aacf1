import type { AgentMessage, AgentOrder } from "../../protocol/agent-messages.ts";
import type { Hosts } from "./hosts.ts";

/** The warm fixtures of one run: what its leader asks for, and what it has begun to set up when it ends. */
export class HostDoor {
  readonly #hosts: Hosts;
  readonly #begun = new Set<string>();

  constructor(hosts: Hosts) {
    this.#hosts = hosts;
  }

  /** What the leader is told in answer to a message; undefined where that is not ours. */
  answer(message: AgentMessage): Promise<AgentOrder> | undefined {
    if (message.type === "warm-failed") this.#settle(message.key);
    if (message.type !== "warm-ask") return undefined;
    return this.#hosts.answer(message).then((order) => {
      if (order.type === "warm" && order.value === null) this.#begun.add(message.key);
      return order;
    });
  }

  /** The run has ended, however it did. */
  end(): void {
    for (const key of this.#begun) this.#settle(key);
  }

  #settle(key: string): void {
    if (this.#begun.delete(key)) this.#hosts.settle(key);
  }
}
