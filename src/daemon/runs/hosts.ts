import type { AgentMessage, AgentOrder } from "../../protocol/agent-messages.ts";
import type { AgentChannel } from "../../worker/agent-channel.ts";

type Ask = Extract<AgentMessage, { type: "warm-ask" }>;

/** One fixture that is up: the process it lives in, and what its value was made from. */
interface Host {
  readonly fingerprint: string;
  readonly value: string;
  readonly channel: AgentChannel;
  readonly gone: Promise<void>;
}

/** Processes that hold what warm fixtures have set up, from one run to the next. */
export class Hosts {
  readonly #up = new Map<string, Host>();
  /** Fixtures that a leader sets up just now; others that need them wait. */
  readonly #pending = new Map<string, PromiseWithResolvers<void>>();
  readonly #channels = new Set<AgentChannel>();

  /** How many fixtures are up. */
  get size(): number {
    return this.#up.size;
  }

  /** A host has connected. */
  connected(channel: AgentChannel): boolean {
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    this.#channels.add(channel);
    let key: string | undefined;
    channel.send({ type: "welcome" });
    channel.listen({
      onMessage: (message) => {
        if (message.type !== "hosting" || key !== undefined) return;
        key = message.key;
        this.#up.set(key, { fingerprint: message.fingerprint, value: message.value, channel, gone });
        this.settle(key);
      },
      onClose: () => {
        this.#channels.delete(channel);
        if (key !== undefined && this.#up.get(key)?.channel === channel) this.#up.delete(key);
        resolve();
      },
    });
    return true;
  }

  /** The value of a fixture that is up and still holds; null where the leader that asks has to set it up. */
  async answer({ key, fingerprint, isUnwell }: Ask): Promise<AgentOrder> {
    for (let pending = this.#pending.get(key); pending !== undefined; pending = this.#pending.get(key)) {
      await pending.promise;
    }
    const host = this.#up.get(key);
    if (host !== undefined && host.fingerprint === fingerprint && !isUnwell) return { type: "warm", value: host.value };
    this.#pending.set(key, Promise.withResolvers());
    if (host !== undefined) {
      // A port or a folder may be the same: the old one has to be down before the new one comes up.
      host.channel.send({ type: "exit" });
      await host.gone;
    }
    return { type: "warm", value: null };
  }

  /** A fixture is up, or will not be: who waits for it goes on. */
  settle(key: string): void {
    const pending = this.#pending.get(key);
    this.#pending.delete(key);
    pending?.resolve();
  }

  /** Tears all of them down. */
  clear(): void {
    for (const channel of this.#channels) channel.send({ type: "exit" });
  }
}
