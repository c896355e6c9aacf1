import { execFile } from "node:child_process";
import { constants, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { failed, ok, type Result } from "../base/result.ts";
import type { DoorInput } from "../protocol/door.ts";
import { type Problem, problem } from "../protocol/errors.ts";

const MAKE_PIPE = "import os, sys; os.mkfifo(sys.argv[1], 0o600)";
const MOST_UNREAD_BYTES = 1024 * 1024;

let made = 0;

/**
 * The standard input of a run, written bit by bit from here: a named pipe in the state folder that the run opens. Several
 * processes may open it before one of them leads the run, and what is written waits in it for that one.
 *
 *     waiting ──open──▶ open ──begins──▶ led ──end──▶ ended
 */
export class RunInput implements DoorInput, Disposable {
  readonly #early: Uint8Array[] = [];
  #path: string | undefined;
  #pipe: Socket | undefined;
  #earlyBytes = 0;
  #isLed = false;
  #isEnded = false;

  /** Makes the pipe, whose path it resolves with. The interpreter makes it: Node cannot. */
  async open(folder: string, python: string): Promise<Result<string, Problem>> {
    made += 1;
    // No longer than the names of the sockets beside it.
    const path = join(folder, `${process.pid.toString(36)}-${made}.in`);
    this.#path = path;
    let descriptor: number;
    try {
      await promisify(execFile)(python, ["-I", "-S", "-c", MAKE_PIPE, path]);
      // Reading as well: a pipe that nobody else has open would refuse to be written.
      descriptor = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    } catch {
      const next = "PREWARM_STATE_DIR=FOLDER prewarm serve --stdio";
      return failed(problem("state-unwritable", `No pipe can be made in the state folder ${folder}.`, next));
    }
    this.#pipe = new Socket({ fd: descriptor, readable: false, writable: true });
    this.#pipe.on("error", () => this.#pipe?.destroy());
    for (const bytes of this.#early.splice(0)) this.#pipe.write(bytes);
    this.#earlyBytes = 0;
    return ok(path);
  }

  /** False where the input has ended, or the run has not read what came before. */
  write(bytes: Uint8Array): boolean {
    const unread = this.#earlyBytes + (this.#pipe?.writableLength ?? 0);
    if (this.#isEnded || unread + bytes.length > MOST_UNREAD_BYTES) return false;
    if (this.#pipe !== undefined) return this.#pipe.write(bytes) || !this.#pipe.destroyed;
    this.#early.push(bytes);
    this.#earlyBytes += bytes.length;
    return true;
  }

  /** Nothing follows: what reads comes to an end of file. */
  end(): void {
    this.#isEnded = true;
    // What is in a pipe that nobody has open is lost.
    if (this.#isLed) this.#pipe?.destroySoon();
  }

  /** The run's process has opened it. */
  begins(): void {
    this.#isLed = true;
    if (this.#isEnded) this.end();
  }

  [Symbol.dispose](): void {
    this.#isEnded = true;
    this.#pipe?.destroy();
    if (this.#path !== undefined) rmSync(this.#path, { force: true });
  }
}
