import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const SQLITE_BUSY = 5;

/** Node takes a longer wait for none at all. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Held while a daemon lives, by the operating system: it cannot be left behind. */
export interface Lock {
  readonly release: () => void;
}

/**
 * Takes the project's lock; undefined where another daemon holds it. Throws where the file cannot be locked at all.
 *
 * SQLite's lock on a file of its own: Node has no other lock that ends with the process on every system.
 */
export function takeLock(stateFolder: string): Lock | undefined {
  const database = new DatabaseSync(join(stateFolder, "lock.db"));
  try {
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return { release: () => database.close() };
}

function isBusy(error: unknown): boolean {
  // The lowest byte is the code, the others say more about it.
  return error instanceof Error && "errcode" in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY;
}

/** Removes what a daemon that did not end by itself has left; only the holder of the lock may do that. */
export function removeLeftovers(stateFolder: string): void {
  const sockets = ["daemon.sock", "agent.sock", "stream.sock"];
  // Every process of a trunk writes into two files of its own.
  const outputs = readdirSync(stateFolder).filter((name) => /^[tcp]\d[\w.-]*\.(?:out|err)$/.test(name));
  // And every run that somebody writes to has read a named pipe.
  const inputs = readdirSync(stateFolder).filter((name) => /^[0-9a-z]+-\d+\.in$/.test(name));
  for (const name of [...sockets, ...outputs, ...inputs]) rmSync(join(stateFolder, name), { force: true });
}

/** Calls `onIdle` when nothing has been busy for `ttlMs()`, which is asked at the end of each work, or for 24 days where that is longer. */
export class IdleTimer {
  readonly #ttlMs: () => number;
  readonly #onIdle: () => void;
  #busy = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(ttlMs: () => number, onIdle: () => void) {
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
    this.#timer = setTimeout(this.#onIdle, Math.min(this.#ttlMs(), LONGEST_TIMER_MS));
  }
}
