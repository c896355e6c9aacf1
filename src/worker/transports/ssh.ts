import { processStream } from "./process-stream.ts";
import type { NodeStream, Transport, TransportListener, TransportSettings } from "./transport.ts";

/** A host that does not answer is given up: nothing may ask for a password, or wait for somebody who would type one. */
const OPTIONS = ["-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=15", "-o", "ServerAliveInterval=15"] as const;

/** A node side on each host, started by the machine's own `ssh` with all that the person has configured for it. */
export class SshTransport implements Transport {
  readonly #hosts: readonly string[];
  readonly #settings: TransportSettings;
  readonly #streams: NodeStream[] = [];

  constructor(hosts: readonly string[], settings: TransportSettings) {
    this.#hosts = hosts;
    this.#settings = settings;
  }

  open(listener: TransportListener): void {
    const { nodeCommand, env } = this.#settings;
    const command = nodeCommand.length > 0 ? nodeCommand : ["prewarm", "node"];
    for (const host of this.#hosts) {
      // A shell reads the words over there, as for everything that ssh is told to run.
      const stream = processStream([env.PREWARM_SSH || "ssh", ...OPTIONS, "--", host, command.join(" ")], env);
      this.#streams.push(stream);
      listener.onNode(host, stream);
    }
    listener.onSettled();
  }

  close(): void {
    for (const stream of this.#streams) stream.close();
  }
}
