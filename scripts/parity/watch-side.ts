import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { RunEvent } from "../../src/protocol/events.ts";
import { applyEvents, EMPTY_VIEW, type RunView } from "../../src/report/run-view.ts";
import type { SideOptions } from "./run-side.ts";

/** After this long without a word, and with no run under way, a watch has nothing more to say of an edit. */
const QUIET_MS = 1_500;
const LONGEST_WAIT_MS = 300_000;

/** A `prewarm -- pytest ARGS` that stays while files change, and what it knows of every test. */
export class WatchSide implements AsyncDisposable {
  readonly #child: ChildProcess;
  #view: RunView = EMPTY_VIEW;
  #isRunning = true;
  #lastEventMs = performance.now();
  /** The kinds of its last events, for whoever looks into a difference. */
  readonly log: string[] = [];

  /** `flags` are the watch's own. */
  constructor(
    node: string,
    prewarm: string,
    pytestArgs: readonly string[],
    options: SideOptions,
    flags: readonly string[] = [],
  ) {
    const words = [prewarm, ...flags, "--json", "--python", options.python, "--", "pytest", ...pytestArgs];
    this.#child = spawn(node, words, {
      cwd: options.projectRoot,
      env: options.environment,
      stdio: ["ignore", "pipe", "inherit"],
    });
    if (this.#child.stdout === null) throw new Error("Expected a pipe from the watch.");
    createInterface(this.#child.stdout).on("line", (line) => this.#take(JSON.parse(line) as RunEvent));
  }

  /** What the watch knows when it has come to rest. Throws where it has ended, or does not come to rest. */
  async settled(): Promise<RunView> {
    const startMs = performance.now();
    this.#lastEventMs = startMs;
    for (;;) {
      const nowMs = performance.now();
      if (this.#child.exitCode !== null) throw new Error(`The watch ended with ${this.#child.exitCode}.`);
      if (!this.#isRunning && nowMs - this.#lastEventMs >= QUIET_MS) return this.#view;
      if (nowMs - startMs > LONGEST_WAIT_MS) throw new Error("The watch does not come to rest.");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  #take(event: RunEvent): void {
    this.#lastEventMs = performance.now();
    if (event.type === "run-started" || event.type === "edit") this.#isRunning = true;
    this.#view = applyEvents(this.#view, [event], Date.now());
    this.log.push(describe(event));
    // One that a newer save has ended is followed by another.
    if (event.type === "run-finished" && event.record.exit !== null) this.#isRunning = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
  }
}

function describe(event: RunEvent): string {
  switch (event.type) {
    case "edit":
      return `edit ${event.files.map(({ path }) => path).join(", ")}`;
    case "run-started":
      return `run-started ${event.way} ${event.selection}: ${event.reason}`;
    case "plan":
      return `plan ${JSON.stringify({ ...event, reasons: undefined }).slice(0, 400)}`;
    case "run-finished":
      return `run-finished exit ${event.record.exit}, ${event.record.tests} tests`;
    case "test-finished":
      return `${event.outcome} ${event.id}`;
    case "workers":
      return `workers ${event.count}: ${event.why}`;
    default:
      return event.type;
  }
}
