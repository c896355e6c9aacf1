import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Held while a daemon lives, by the operating system: it cannot be left behind. */
export interface Lock {
  readonly release: () => void;
}

/**
 * Takes the project's lock; undefined where another daemon holds it.
 *
 * SQLite's lock on a file of its own: Node has no other lock that ends with the process on every system.
 */
export function takeLock(stateFolder: string): Lock | undefined {
  const database = new DatabaseSync(join(stateFolder, "lock.db"));
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch {
    database.close();
    return undefined;
  }
  return { release: () => database.close() };
}

/** Removes what a daemon that did not end by itself has left; only the holder of the lock may do that. */
export function removeLeftovers(stateFolder: string): void {
  const sockets = ["daemon.sock", "agent.sock", "stream.sock"];
  // Every process of a trunk writes into two files of its own.
  const outputs = readdirSync(stateFolder).filter((name) => /^[tc][\d.]+\.(?:out|err)$/.test(name));
  for (const name of [...sockets, ...outputs]) rmSync(join(stateFolder, name), { force: true });
}

/** Calls `onIdle` when nothing has been busy for `ttlMs`. */
export class IdleTimer {
  readonly #ttlMs: number;
  readonly #onIdle: () => void;
  #busy = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(ttlMs: number, onIdle: () => void) {
    this.#ttlMs = ttlMs;
    this.#onIdle = onIdle;
    this.#start();
  }

  /** Something begins; call what this returns when it has ended. */
  begin(): () => void {
    this.#busy += 1;
    clearTimeout(this.#timer);
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#busy -= 1;
      if (this.#busy === 0) this.#start();
    };
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#onIdle, this.#ttlMs);
  }
}
