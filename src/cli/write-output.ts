import { writeSync } from "node:fs";

const PAUSE_MS = 2;
const pause = new Int32Array(new SharedArrayBuffer(4));

/**
 * Writes all bytes to a descriptor before it returns, so that nothing is lost when the process ends right after.
 * A slow reader makes it wait, and with it the daemon. Returns false where the reader has gone.
 */
export function writeAll(descriptor: 1 | 2, bytes: Uint8Array): boolean {
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EPIPE" || code === "EIO" || code === "EBADF") return false;
      if (code !== "EAGAIN" && code !== "EINTR") throw error;
      // Somebody made the pipe non-blocking for all who share it.
      Atomics.wait(pause, 0, 0, PAUSE_MS);
    }
  }
  return true;
}

/** The same for text. */
export function writeText(descriptor: 1 | 2, text: string): boolean {
  return writeAll(descriptor, Buffer.from(text));
}
