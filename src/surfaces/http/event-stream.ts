import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { RunEvent } from "../../protocol/events.ts";

/** What a reader that comes back can still be told. */
const MOST_EVENTS = 20_000;
const MOST_BYTES = 8 * 1024 * 1024;

/** Whoever leaves so much unread is dropped, and may come back where it was. */
const MOST_UNREAD_BYTES = 4 * 1024 * 1024;
const MOST_READERS = 32;
const HEARTBEAT_MS = 15_000;

/**
 * Server-sent events of all runs. A reader resumes by `Last-Event-ID`; where what it has missed is no longer kept, it
 * gets the event `reset` and reads the resources anew.
 */
export class EventStream {
  /** Ids of another server mean nothing here. */
  readonly #epoch = randomBytes(4).toString("hex");
  readonly #readers = new Set<ServerResponse>();
  readonly #kept: string[] = [];
  #keptBytes = 0;
  #last = 0;
  #heartbeat: NodeJS.Timeout | undefined;

  /** The event that was told last. */
  get last(): string {
    return `${this.#epoch}-${this.#last}`;
  }

  /** `isServed` says whether the run is one of the served command itself, without arguments of its own. */
  add(run: string, event: RunEvent, isServed: boolean): void {
    this.#last += 1;
    const text = `id: ${this.last}\nevent: run-event\ndata: ${JSON.stringify({ run, isServed, event })}\n\n`;
    this.#kept.push(text);
    this.#keptBytes += text.length;
    while (this.#kept.length > MOST_EVENTS || (this.#keptBytes > MOST_BYTES && this.#kept.length > 1)) {
      this.#keptBytes -= this.#kept.shift()?.length ?? 0;
    }
    for (const reader of this.#readers) send(reader, text);
  }

  /** Begins to send to a reader; false where there are too many. */
  open(response: ServerResponse, lastEventId: string | undefined): boolean {
    if (this.#readers.size >= MOST_READERS) return false;
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      connection: "keep-alive",
    });
    response.write(`retry: 1000\n${this.#missed(lastEventId)}\n\n`);
    this.#readers.add(response);
    response.on("close", () => {
      this.#readers.delete(response);
      if (this.#readers.size === 0) clearInterval(this.#heartbeat);
    });
    if (this.#readers.size === 1) this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS).unref();
    return true;
  }

  close(): void {
    clearInterval(this.#heartbeat);
    for (const reader of this.#readers) reader.destroy();
  }

  #missed(lastEventId: string | undefined): string {
    if (lastEventId === undefined) return "";
    const [epoch, number] = lastEventId.split("-");
    const missing = this.#last - Number(number);
    const isKept = epoch === this.#epoch && missing >= 0 && missing <= this.#kept.length;
    if (!isKept) return `\nid: ${this.last}\nevent: reset\ndata: {}`;
    return missing === 0 ? "" : `\n${this.#kept.slice(-missing).join("").trimEnd()}`;
  }

  // A dead reader shows itself only when it is written to.
  #beat(): void {
    for (const reader of this.#readers) send(reader, ": \n\n");
  }
}

function send(reader: ServerResponse, text: string): void {
  reader.write(text);
  if (reader.writableLength > MOST_UNREAD_BYTES) reader.destroy();
}
