import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { processStream } from "./process-stream.ts";
import type { NodeStream, Transport, TransportListener, TransportSettings } from "./transport.ts";

/** What a node side on this machine has of the environment; the rest comes by the list of the run, as on another machine. */
const OWN_VARIABLES = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "LANG", "XDG_RUNTIME_DIR"] as const;

/** The folder of a node's daemon. */
const DAEMONS = "daemons";

/** So many node sides on this machine, each with a folder and a daemon of its own: to try it out, and for tests. */
export class LocalTransport implements Transport {
  readonly #count: number;
  readonly #settings: TransportSettings;
  readonly #streams: NodeStream[] = [];

  constructor(count: number, settings: TransportSettings) {
    this.#count = count;
    this.#settings = settings;
  }

  open(listener: TransportListener): void {
    for (let index = 0; index < this.#count; index += 1) {
      const stream = processStream(this.#words(index), this.#env(index), "SIGKILL");
      this.#streams.push(stream);
      listener.onNode(`local-${index}`, stream);
    }
    listener.onSettled();
  }

  close(): void {
    for (const stream of this.#streams) stream.close();
  }

  #words(index: number): readonly string[] {
    const program = join(import.meta.dirname, "cli.cjs");
    const folder = join(this.#settings.folder, String(index));
    const command = this.#settings.nodeCommand;
    return [...(command.length > 0 ? command : [process.execPath, program, "node"]), "--folder", folder];
  }

  #env(index: number): Readonly<Record<string, string>> {
    const { env, folder } = this.#settings;
    const own = OWN_VARIABLES.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
    return { ...Object.fromEntries(own), PREWARM_STATE_DIR: join(folder, String(index), DAEMONS) };
  }
}

/** Ends the daemons of the nodes that were on this machine: nobody else would use them. */
export function endLocalDaemons(folder: string): void {
  for (const index of namesIn(folder)) {
    for (const name of namesIn(join(folder, index, DAEMONS))) {
      const daemon = join(folder, index, DAEMONS, name);
      try {
        const pid = Number(readFileSync(join(daemon, "daemon.pid"), "utf8"));
        // A number can be somebody else's by now.
        if (readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(daemon)) process.kill(pid, "SIGTERM");
      } catch {
        // It has left, or this system tells nothing of it: then it leaves when it has been idle.
      }
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
