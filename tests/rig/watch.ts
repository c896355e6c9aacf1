import type { RunEvent } from "../../src/protocol/events.ts";
import type { Command } from "./command.ts";
import { interpreter } from "./interpreter.ts";
import type { Prewarm } from "./prewarm.ts";

/** A watch whose runs are looked at one after another. */
export class Watch {
  readonly #command: Command;
  #seen = 0;

  constructor(prewarm: Prewarm, flags: readonly string[] = [], args: readonly string[] = []) {
    const words = [...flags, "--python", interpreter, "--json", "--", "pytest", ...args];
    this.#command = prewarm.command(words, { env: { PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1" } });
  }

  /** The tests of the next run, with their outcomes. */
  async run(): Promise<Readonly<Record<string, string>>> {
    const events = await this.events();
    return Object.fromEntries(
      events.flatMap((event) => (event.type === "test-finished" ? [[event.id, event.outcome]] : [])),
    );
  }

  /** Everything that is told until the watch waits. */
  async events(): Promise<readonly RunEvent[]> {
    const events: RunEvent[] = [];
    for (;;) {
      const event = await this.#next();
      events.push(event);
      if (event.type === "watching") return events;
    }
  }

  end(): void {
    this.#command.signal("SIGTERM");
  }

  async #next(): Promise<RunEvent> {
    for (;;) {
      const text = this.#command.text("stdout");
      const end = text.indexOf("\n", this.#seen);
      if (end >= 0) {
        const line = text.slice(this.#seen, end);
        this.#seen = end + 1;
        return JSON.parse(line) as RunEvent;
      }
      await this.#command.writes(`${text}{`);
    }
  }
}
