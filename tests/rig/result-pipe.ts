import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, openSync } from "node:fs";
import { interpreter } from "./interpreter.ts";

/**
 * The end of a named pipe at which VS Code receives what its pytest plugin tells: messages with a header like that of
 * HTTP, one JSON object each, until everybody who writes has closed the pipe.
 */
export class ResultPipe {
  readonly path: string;
  /** Every message, when nobody has the pipe open any more. */
  readonly messages: Promise<readonly unknown[]>;

  constructor(path: string) {
    execFileSync(interpreter, ["-c", "import os, sys; os.mkfifo(sys.argv[1])", path]);
    this.path = path;
    this.messages = this.#read();
  }

  /** The run has ended: if it has never opened the pipe, nobody will. */
  close(): void {
    try {
      closeSync(openSync(this.path, constants.O_WRONLY | constants.O_NONBLOCK));
    } catch {
      // The reader has left.
    }
  }

  async #read(): Promise<readonly unknown[]> {
    // Opening a pipe waits for its other end: in a process of its own.
    const reader = spawn("cat", [this.path], { stdio: ["ignore", "pipe", "inherit"] });
    let bytes = Buffer.alloc(0);
    reader.stdout.on("data", (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
    });
    await once(reader, "close");
    return splitMessages(bytes);
  }
}

function splitMessages(bytes: Buffer): readonly unknown[] {
  const messages: unknown[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const end = rest.indexOf("\r\n\r\n");
    const length = /content-length: (\d+)/i.exec(rest.subarray(0, end).toString())?.[1];
    if (end === -1 || length === undefined)
      throw new Error(`Expected a header, got ${rest.subarray(0, 80).toString()}`);
    messages.push(JSON.parse(rest.subarray(end + 4, end + 4 + Number(length)).toString()));
    rest = rest.subarray(end + 4 + Number(length));
  }
  return messages;
}
