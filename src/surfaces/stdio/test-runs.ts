import type { Door, DoorEnd, DoorInput, DoorRun, RunWish } from "../../protocol/door.ts";
import type { RunEvent } from "../../protocol/events.ts";

/** What a run came to: the gravest exit code of its parts, and how each of them ended. */
export interface RunsEnd {
  readonly run: string;
  readonly exit: number;
  readonly parts: readonly DoorEnd[];
}

const LONGEST_TAIL_BYTES = 64 * 1024;

/** From the gravest to the lightest; what is not listed is graver than all. */
const LIGHTEST_LAST: readonly number[] = [3, 4, 2, 1, 5, 0];

/** Who is told of a run. */
export interface RunsListener {
  readonly onEvent: (run: string, event: RunEvent) => void;
  /** A part has ended, after which pytest had said this. */
  readonly onPart: (end: DoorEnd, output: string) => void;
  /** Something was printed, of a part that has standard input. */
  readonly onOutput: (run: string, stream: "stdout" | "stderr", text: string) => void;
  readonly onEnd: (end: RunsEnd) => void;
}

/**
 * One run that somebody has asked for. pytest settles what a session runs before its first test, so what is added later
 * becomes another session, a part, that begins when the ones before have ended.
 *
 *     part ──ended──▶ next part … ──▶ ended
 *       └──cancel──▶ (the others never begin) ──▶ ended
 */
export class TestRun {
  readonly id: string;
  readonly finished: Promise<void>;
  readonly #door: Door;
  readonly #listener: RunsListener;
  readonly #begin: Promise<void>;
  readonly #waiting: RunWish[] = [];
  readonly #ends: DoorEnd[] = [];
  #current: DoorRun | undefined;
  #state: "running" | "cancelled" | "ended" = "running";

  /** It begins when `begin` has resolved. */
  constructor(id: string, door: Door, wish: RunWish, begin: Promise<void>, listener: RunsListener) {
    this.id = id;
    this.#door = door;
    this.#listener = listener;
    this.#waiting.push(wish);
    this.#begin = begin;
    this.finished = begin.then(() => this.#run());
  }

  /** Adds tests; false where the run has ended or was cancelled. */
  add(wish: RunWish): boolean {
    if (this.#state !== "running") return false;
    this.#waiting.push(wish);
    return true;
  }

  /** Lets pytest end and report; false where the run has ended. */
  cancel(): boolean {
    if (this.#state === "ended") return false;
    this.#state = "cancelled";
    this.#current?.cancel();
    return true;
  }

  /** The standard input of the part that runs, or of the first one; undefined where it has none. */
  async input(): Promise<DoorInput | undefined> {
    await this.#begin;
    return this.#current?.input;
  }

  async #run(): Promise<void> {
    for (let wish = this.#waiting.shift(); wish !== undefined; wish = this.#waiting.shift()) {
      if (this.#state === "cancelled") break;
      const isTold = wish.input === true;
      const tail = new OutputTail();
      const texts = { stdout: new TextDecoder(), stderr: new TextDecoder() };
      this.#current = this.#door.start(wish, {
        onEvent: (event) => this.#listener.onEvent(this.id, event),
        onOutput: (stream, bytes) => {
          tail.add(bytes);
          if (isTold) this.#listener.onOutput(this.id, stream, texts[stream].decode(bytes, { stream: true }));
        },
      });
      const end = await this.#current.finished;
      this.#ends.push(end);
      this.#listener.onPart(end, String(tail));
    }
    this.#state = "ended";
    this.#listener.onEnd({ run: this.id, exit: gravest(this.#ends), parts: this.#ends });
  }
}

/** The exit code of several sessions, as one. */
function gravest(ends: readonly DoorEnd[]): number {
  const exits = ends.map((end) =>
    end.kind === "failed" ? end.problem.exit : (end.record.exit ?? end.problem?.exit ?? 2),
  );
  return exits.toSorted((a, b) => LIGHTEST_LAST.indexOf(a) - LIGHTEST_LAST.indexOf(b))[0] ?? 2;
}

/** The end of what pytest has said, in pieces as they came. */
class OutputTail {
  readonly #parts: Uint8Array[] = [];
  #bytes = 0;

  add(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#bytes += bytes.length;
    while (this.#bytes > LONGEST_TAIL_BYTES && this.#parts.length > 1) this.#bytes -= this.#parts.shift()?.length ?? 0;
  }

  toString(): string {
    return Buffer.concat(this.#parts).subarray(-LONGEST_TAIL_BYTES).toString();
  }
}
