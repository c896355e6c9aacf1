import type { Socket } from "node:net";
import type { AgentMessage, AgentOrder } from "../protocol/agent-messages.ts";
import type { AgentChannel, AgentListener } from "./agent-channel.ts";
import { Gathering } from "./gathering.ts";

/** How a leader came to its end. */
export type RunEnd =
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "ended"; readonly exit: number; readonly newFiles: number }
  | { readonly kind: "died" }
  /** The process that was to fork it ended before that: nothing has run. */
  | { readonly kind: "lost" };

/** Who follows a run: its messages and the raw bytes of its output. */
export interface RunListener {
  readonly onMessage: (message: AgentMessage) => void;
  /** Whether many tests are still to run: then what is told of them, and written, may come some milliseconds later. */
  readonly hasManyLeft: boolean;
  /** Takes output; where it returns a promise, more comes when that has resolved. */
  readonly onOutput: (stream: "stdout" | "stderr", chunk: Buffer) => unknown;
  /** The leader has told all that is collected: resolves with the places of those that are to run, null for all. */
  readonly choose: () => Promise<readonly number[] | null>;
  /** What the leader is told in answer to a message. */
  readonly answersTo: (message: AgentMessage) => readonly AgentOrder[];
  /** The same where the answer takes its time; undefined for most messages. */
  readonly answersLater: (message: AgentMessage) => Promise<AgentOrder> | undefined;
}

/** What the test has started stops, goes on and ends with it. */
const FOR_GROUPS: readonly NodeJS.Signals[] = ["SIGKILL", "SIGSTOP", "SIGCONT"];
/** A terminal sends these to all that a program has started, too. */
const FOR_JOBS: readonly NodeJS.Signals[] = [...FOR_GROUPS, "SIGINT", "SIGQUIT", "SIGWINCH"];

/** A process that outlives the run may hold its streams: this long they are waited for once the verdict is there. */
const STREAM_PATIENCE_MS = 1_000;

/** The leader of one run, as the daemon sees it: a connection for messages, and one for each relayed stream. */
export class RunProcess implements AgentListener {
  readonly id: string;
  readonly #waiting: NodeJS.Signals[] = [];
  #pid = 0;
  readonly #forGroups: ReadonlySet<NodeJS.Signals>;
  #stopping: NodeJS.Signals | undefined;
  readonly #listener: RunListener;
  /** Relayed streams that have not ended. They may connect after the leader has said everything. */
  readonly #open: Set<"stdout" | "stderr">;
  /** Relayed streams that have not connected. */
  readonly #awaited: Set<"stdout" | "stderr">;
  readonly #gathering = new Gathering();
  #channel: AgentChannel | undefined;
  readonly #ended = Promise.withResolvers<RunEnd>();
  #end: RunEnd = { kind: "died" };
  #isClosing = false;
  /** Sends the leader an order. */
  answer: (order: AgentOrder) => void = () => {};

  constructor(id: string, relayed: readonly ("stdout" | "stderr")[], listener: RunListener, isJob = false) {
    this.id = id;
    this.#forGroups = new Set(isJob ? FOR_JOBS : FOR_GROUPS);
    this.#open = new Set(relayed);
    this.#awaited = new Set(relayed);
    this.#listener = listener;
  }

  /** Resolves when the leader has gone and its output has arrived. */
  get ended(): Promise<RunEnd> {
    return this.#ended.promise;
  }

  /** The leader has connected; false where it had done so before, and this is somebody else. */
  attach(channel: AgentChannel, pid: number): boolean {
    if (this.#pid !== 0) return false;
    this.runsIn(pid);
    this.answer = (order) => channel.send(order);
    this.#channel = channel;
    channel.listen(this);
    return true;
  }

  /** There is nobody any more who could fork the leader. */
  lost(): void {
    if (this.#pid !== 0) return;
    this.#isClosing = true;
    this.#ended.resolve({ kind: "lost" });
  }

  /** It goes on in a fork that has not connected: what it is sent waits for that. */
  movesOn(): void {
    this.#pid = 0;
    // The process that stays behind has heard it in vain.
    if (this.#stopping !== undefined) this.#waiting.push(this.#stopping);
  }

  /** Asks it to end; also a fork that it goes on in meanwhile. */
  stop(signal: NodeJS.Signals): void {
    this.#stopping = signal;
    this.signal(signal);
  }

  /** The process that leads is known now. */
  runsIn(pid: number): void {
    this.#pid = pid;
    for (const signal of this.#waiting.splice(0)) this.signal(signal);
  }

  /** The process that leads, 0 while it has not connected. */
  get pid(): number {
    return this.#pid;
  }

  /** One of the leader's output streams has connected; false where it is not awaited. */
  addStream(stream: "stdout" | "stderr", socket: Socket): boolean {
    if (!this.#awaited.delete(stream)) return false;
    socket.on("data", (chunk: Buffer) => {
      // A requester that does not read holds up its own run, as a full pipe does, and not the daemon's memory.
      socket.pause();
      void Promise.resolve(this.#listener.onOutput(stream, chunk)).finally(() => {
        if (this.#listener.hasManyLeft) this.#gathering.wait(socket);
        else socket.resume();
      });
    });
    socket.resume();
    socket.on("end", () => this.#closed(stream));
    socket.on("close", () => this.#closed(stream));
    socket.on("error", () => socket.destroy());
    return true;
  }

  onMessage(message: AgentMessage): void {
    if (message.type === "refused") this.#finish({ kind: "refused", reason: message.reason });
    else if (message.type === "ended") this.#finish({ kind: "ended", exit: message.exit, newFiles: message.newFiles });
    else this.#tell(message);
    // Only where the leader runs the tests itself: one that has workers waits for answers.
    if (message.type === "started" && this.#channel !== undefined && this.#listener.hasManyLeft)
      this.#gathering.wait(this.#channel);
    if (message.type === "choosing" && message.isLast) {
      void this.#listener.choose().then((places) => this.answer({ type: "select", places }));
    }
  }

  #tell(message: AgentMessage): void {
    this.#listener.onMessage(message);
    for (const order of this.#listener.answersTo(message)) this.answer(order);
    void this.#listener.answersLater(message)?.then((order) => this.answer(order));
  }

  onClose(): void {
    this.#finish(this.#end);
  }

  /** Sends a signal to the leader, also to one that has yet to connect; those that nothing can handle go to its whole process group. */
  signal(signal: NodeJS.Signals): void {
    if (this.#pid === 0) this.#waiting.push(signal);
    else if (!this.#forGroups.has(signal) || !send(-this.#pid, signal)) send(this.#pid, signal);
  }

  #finish(end: RunEnd): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#end = end;
    if (this.#open.size === 0 || end.kind === "refused") this.#ended.resolve(end);
    else setTimeout(() => this.#ended.resolve(end), STREAM_PATIENCE_MS).unref();
  }

  #closed(stream: "stdout" | "stderr"): void {
    this.#open.delete(stream);
    if (this.#isClosing && this.#open.size === 0) this.#ended.resolve(this.#end);
  }
}

/** False where there is no such process, or no such group. */
function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
