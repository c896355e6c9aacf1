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

/**
 * Ends the daemons of the nodes that were on this machine, and node sides that are just starting one: nobody else would use them. Found by
 * their command lines, because a daemon that has yet to listen has left no number of its process anywhere.
 */
export function endLocalNodes(folder: string): void {
  for (const name of namesIn("/proc")) {
    const pid = Number(name);
    if (!(pid > 0)) continue;
    const words = wordsOf(pid);
    const isOurs = words.some((word) => word.startsWith(`${folder}/`));
    if (isOurs && words.some((word) => word.endsWith("/daemon.js"))) signal(pid, "SIGTERM");
    else if (isOurs && words.includes("--folder")) signal(pid, "SIGKILL");
  }
}

function wordsOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    // It has ended in this moment.
    return [];
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // The same.
  }
}

// Where the system tells nothing of processes, they leave when they have been idle.
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
